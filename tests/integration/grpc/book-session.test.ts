import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Money } from '../../../src/entities/money.js';
import { idOf } from '../../support/ids.js';
import { orderIn, refusal } from '../../support/wire.js';
import { grpcStand } from './grpc-stand.js';

const at = grpcStand({ trustNetwork: true });
const book = (user: string, sessionId: string, metadata: Record<string, string> = {}) =>
  at.call('BookSession', { user_id: idOf(user), session_id: sessionId }, metadata);
const booked = (answer: Awaited<ReturnType<typeof book>>) =>
  (answer.answer as { success?: Record<string, unknown> } | undefined)?.success;

describe('BookSession', () => {
  let priced: string;
  beforeAll(() => {
    priced = at.stand.neighbours.addSession('priced', { capacity: 3 });
  });
  beforeEach(() => at.stand.neighbours.blocked.clear());

  test('of a priced session answers the held seat: status in upper case, minor units', async () => {
    expect(booked(await book('asha', priced))).toMatchObject({
      user_id: idOf('asha'),
      session_id: priced,
      amount: 19_900,
      currency: 'INR',
      status: 'PENDING',
    });
  });

  test('its order shows the session as its item, so that the payment service can charge it', async () => {
    const [row] = await at.stand.sql<{ id: string }>('select id from orders where buyer_id = $1', [idOf('asha')]);
    const answer = await at.call('GetOrderById', { user_id: idOf('asha'), order_id: row?.id });
    expect(orderIn(answer)).toMatchObject({
      amount: { total: 19_900 },
      status: 'pending_payment',
      items: [{ course_id: priced, price: 19_900 }],
    });
  });

  test('again, by a client that makes no keys, answers the same booking', async () => {
    const [first, again] = [booked(await book('bela', priced)), booked(await book('bela', priced))];
    expect(again).toEqual(first);
    expect((await at.stand.sql('select 1 from session_bookings where attendee_id = $1', [idOf('bela')])).length).toBe(
      1,
    );
  });

  test('of a free session answers a confirmed seat', async () => {
    const free = at.stand.neighbours.addSession('free', { price: new Money(0n, 'INR') });
    expect(booked(await book('asha', free))).toMatchObject({ status: 'CONFIRMED', currency: 'INR' });
  });

  test.each([
    ['a full session', 'RESOURCE_EXHAUSTED', 'SESSION_FULL', { capacity: 0 }],
    ['one that has begun', 'FAILED_PRECONDITION', 'SESSION_UNAVAILABLE', { startsAt: new Date(0) }],
  ])('of %s: %s, and nothing is written', async (name, status, reason, changes) => {
    const before = await at.stand.counts();
    const answer = await book('asha', at.stand.neighbours.addSession(name, changes));
    expect(refusal(answer)).toMatchObject({ status, reason });
    expect(await at.stand.counts()).toEqual(before);
  });

  test('of nothing that exists, with a broken id, by a blocked user, without a session service', async () => {
    const before = await at.stand.counts();
    expect(refusal(await book('asha', idOf('no session')))).toMatchObject({ status: 'NOT_FOUND' });
    expect(refusal(await book('asha', 'x'))).toMatchObject({ status: 'INVALID_ARGUMENT', reason: 'INVALID_INPUT' });
    at.stand.neighbours.blocked.add(idOf('asha'));
    expect(refusal(await book('asha', priced))).toMatchObject({ status: 'PERMISSION_DENIED' });
    at.stand.neighbours.down.add('session');
    expect(refusal(await book('chitra', priced))).toMatchObject({ status: 'UNAVAILABLE' });
    expect(await at.stand.counts()).toEqual(before);
  });
});
