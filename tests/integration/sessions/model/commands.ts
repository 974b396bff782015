import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { RealSeats } from './real-seats.js';
import type { SeatsModel } from './seats-model.js';

export const PEOPLE = ['a', 'b', 'c', 'd', 'e'] as const;

type Act = (model: SeatsModel, real: RealSeats, crashAt: number | null) => Promise<void>;

/** A step that people, money or time take; it may be possible only sometimes, and may crash half-way. */
class Step implements fc.AsyncCommand<SeatsModel, RealSeats> {
  constructor(
    readonly words: string,
    readonly crashAt: number | null,
    readonly isPossible: (model: Readonly<SeatsModel>) => boolean,
    readonly act: Act,
  ) {}

  check(model: Readonly<SeatsModel>): boolean {
    return this.isPossible(model);
  }

  async run(model: SeatsModel, real: RealSeats): Promise<void> {
    await this.act(model, real, this.crashAt);
    await real.commands.sendNotices();
    await expectEqual(model, real);
  }

  toString(): string {
    return this.crashAt === null ? this.words : `${this.words}, crashing at message ${this.crashAt}`;
  }
}

/** The invariants: the count is that of the seats, nobody has two, the line is in order, no money is lost. */
export async function expectEqual(model: SeatsModel, real: RealSeats): Promise<void> {
  const live = Object.fromEntries([...model.seats].map(([person, { status }]) => [person, status]));
  expect(await real.state(PEOPLE)).toEqual({
    taken: model.seats.size,
    waiting: model.line.length,
    live,
    line: model.line,
    refunds: model.refunds,
  });
  expect(await real.unaccounted()).toEqual([]);
}

const outcomeOf = (outcome: object): string | number => {
  if ('replayed' in outcome) return 'booked';
  return 'position' in outcome ? (outcome.position as number) : ((outcome as { code?: string }).code ?? 'done');
};

const steps: Readonly<
  Record<string, readonly [isPossible: (model: SeatsModel, person: string) => boolean, act: (person: string) => Act]>
> = {
  book: [
    () => true,
    (person) => async (model, real, crashAt) => {
      const key = real.nextKey();
      const outcome = await real.twice(crashAt, () => real.commands.book(real.name(person), real.sessionId, key));
      expect(outcomeOf(outcome)).toBe(model.book(person));
    },
  ],
  join: [
    () => true,
    (person) => async (model, real, crashAt) => {
      const outcome = await real.twice(crashAt, () => real.commands.join(real.name(person), real.sessionId));
      expect(outcomeOf(outcome)).toBe(model.join(person));
    },
  ],
  leave: [
    () => true,
    (person) => async (model, real, crashAt) => {
      const outcome = await real.twice(crashAt, () => real.commands.leave(real.name(person), real.sessionId));
      expect('code' in outcome ? outcome.code : 'left').toBe(model.leave(person));
    },
  ],
  pay: [
    (model, person) => model.seats.get(person)?.status === 'PENDING',
    (person) => async (model, real, crashAt) => {
      const orderId = await real.orderOf(person, model.seats.get(person)?.order ?? 0);
      await real.twice(crashAt, () => real.commands.tell(orderId, 'succeeded', 'money'));
      model.pay(person);
    },
  ],
  'pay late': [
    (model, person) => model.closedOf(person).length > 0,
    (person) => async (model, real, crashAt) => {
      const orderId = await real.orderOf(person, model.closedOf(person).at(-1) ?? 0);
      await real.twice(crashAt, async () => {
        await real.commands.tell(orderId, 'succeeded', 'money');
        await real.commands.runSagas();
      });
      model.payLate(person);
    },
  ],
  'fail to pay': [
    (model, person) => model.seats.get(person)?.status === 'PENDING' && !model.seats.get(person)?.isRestored,
    (person) => async (model, real, crashAt) => {
      const orderId = await real.orderOf(person, model.seats.get(person)?.order ?? 0);
      const payment = real.nextKey();
      await real.twice(crashAt, () => real.commands.tell(orderId, 'failed', payment));
      model.giveUp(person);
    },
  ],
  cancel: [
    (model, person) => model.seats.has(person),
    (person) => async (model, real, crashAt) => {
      const bookingId = await real.bookingOf(person);
      await real.twice(crashAt, () => real.commands.cancel(real.name(person), bookingId));
      model.giveUp(person);
    },
  ],
  restore: [
    (model, person) => model.closedOf(person).length > 0,
    (person) => async (model, real, crashAt) => {
      const orderId = await real.orderOf(person, model.closedOf(person).at(-1) ?? 0);
      const outcome = await real.twice(crashAt, () => real.commands.restore(real.name(person), orderId));
      const expected = model.restore(person);
      const code = 'code' in outcome ? outcome.code : 'restored';
      // Restored before the crash: then its status is the reason why it is not restored again.
      const again =
        crashAt !== null && expected === 'restored' ? [expected, 'ACTION_NOT_ALLOWED', 'ALREADY_BOOKED'] : [expected];
      expect(again).toContain(code);
    },
  ],
};

const crash = fc.option(fc.nat({ max: 5 }), { freq: 3 });

const personal = Object.entries(steps).map(([words, [isPossible, act]]) =>
  fc
    .tuple(fc.constantFrom(...PEOPLE), crash)
    .map(
      ([person, at]) =>
        new Step(`${person}: ${words}`, at, (model) => isPossible(model as SeatsModel, person), act(person)),
    ),
);

const capacity = fc.nat({ max: 4 }).map(
  (count) =>
    new Step(
      `the session service tells ${count} seats`,
      null,
      () => true,
      async (model, real) => {
        real.setCapacity(count);
        model.capacity = count;
      },
    ),
);

const time = fc.tuple(fc.constantFrom(6, 11), crash).map(
  ([minutes, at]) =>
    new Step(
      `${minutes} minutes pass`,
      at,
      () => true,
      async (model, real, crashAt) => {
        real.advance(minutes * 60_000);
        await real.twice(crashAt, async () => {
          await real.commands.watch();
          await real.commands.expire();
          await real.commands.runSagas();
        });
        model.pass(minutes * 60_000);
      },
    ),
);

export const commands = fc.commands([...personal, ...personal, capacity, time], { maxCommands: 40, size: 'max' });
