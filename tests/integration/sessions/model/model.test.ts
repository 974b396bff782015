import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { scaled } from '../../../support/scale.js';
import { FREE, PRICE, sessionStand } from '../session-stand.js';
import { commands, expectEqual, PEOPLE } from './commands.js';
import { RealSeats } from './real-seats.js';
import { SeatsModel } from './seats-model.js';

const at = sessionStand();

/**
 * Whatever people do, pay, give up or wait for, whatever the session service tells, whenever a process dies: never oversold,
 * no seat leaked, no captured money unaccounted for, the line in order. The service over a real database is compared with a
 * model after every step.
 */
test('a session is as its model says, step by step, through crashes; cancelled, it leaves nobody and no money behind', async () => {
  let [steps, crashes] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.integer({ min: 0, max: 3 }), commands, async (isFree, seats, run) => {
      const sessionId = at.session({ capacity: seats, price: isFree ? FREE : PRICE });
      const real = new RealSeats(at.stand, at.do, sessionId);
      const model = new SeatsModel(isFree, seats);
      model.now = at.stand.clock.now().getTime();
      await fc.asyncModelRun(() => ({ model, real }), run);
      steps += [...run].length;
      crashes += [...run].filter((step) => String(step).includes('crashing')).length;
      await cancelSession(real, model);
    }),
    { numRuns: scaled(300), endOnFailure: false },
  );
  process.stdout.write(`seats by the model: ${steps} steps, ${crashes} of them with a crash\n`);
  expect(crashes).toBeGreaterThan(scaled(300));
}, 600_000);

async function cancelSession(real: RealSeats, model: SeatsModel): Promise<void> {
  at.stand.neighbours.liveSessions.delete(real.sessionId);
  at.stand.clock.advance(6 * 60_000);
  await at.do.watch();
  await at.do.runSagas();
  const paid = [...model.seats.values()].filter(({ status }) => status === 'CONFIRMED' && !model.isFree).length;
  expect(await real.state(PEOPLE)).toEqual({ taken: 0, waiting: 0, live: {}, line: [], refunds: model.refunds + paid });
  expect(await real.unaccounted()).toEqual([]);
}

test('the model itself is watched by what it must never do', async () => {
  const real = new RealSeats(at.stand, at.do, at.session({ capacity: 1 }));
  const model = new SeatsModel(false, 1);
  await at.do.book(real.name('a'), real.sessionId);
  await expect(expectEqual(model, real)).rejects.toThrow();
  model.book('a');
  await expectEqual(model, real);
});
