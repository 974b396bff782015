import { expect, test } from '@jest/globals';
import { createRetrySaga } from '../../../src/commands/retry-saga.js';
import { createOperatorLists } from '../../../src/queries/operators.js';
import { idOf } from '../../support/ids.js';
import { present } from '../../support/present.js';
import { sessionStand } from './session-stand.js';

const at = sessionStand();
const OPERATOR = { userId: idOf('operator'), isOperator: true };

test('a booking that could not be ended is listed for operators with its booking; retried, it goes on', async () => {
  const session = at.session();
  const { id } = await at.paid('asha', session);
  at.stand.neighbours.liveSessions.delete(session);
  at.stand.clock.advance(6 * 60_000);
  await at.do.watch();
  await at.stand.sql(`update sagas set stuck_since = $1, last_error = 'no way'`, [at.stand.clock.now()]);
  await at.do.runSagas();
  expect(await at.status(id)).toMatchObject({ status: 'CONFIRMED' });

  const { rows } = await createOperatorLists(at.stand.orm, at.stand.fork).stuckSagas({ first: 5, after: null });
  expect(rows).toMatchObject([{ kind: 'SESSION_BOOKING', bookingId: id, orderId: null, lastError: 'no way' }]);
  const retry = createRetrySaga(at.stand.env);
  const sagaId = present(rows[0]).id;
  expect(await retry(OPERATOR, sagaId)).toMatchObject({ saga: { stuckSince: null } });
  expect(await retry(OPERATOR, sagaId)).toMatchObject({ code: 'SAGA_NOT_STUCK' });
  await at.do.runSagas();
  expect(await at.status(id)).toMatchObject({ status: 'CANCELLED', reason: 'SESSION_CANCELLED' });
  expect(await retry(OPERATOR, sagaId)).toMatchObject({ code: 'NOT_FOUND' });
});
