import { describe, expect, test } from '@jest/globals';
import { idOf } from '../../support/ids.js';
import { orderIn } from '../../support/wire.js';
import { grpcStand } from './grpc-stand.js';

const at = grpcStand({ trustNetwork: false });
const ADMIN = idOf('an admin');

const events = (orderId: string) =>
  at.stand.sql('select type, actor, by_id from order_events where order_id = $1 order by version', [orderId]);

describe('given an operator who acts for a buyer', () => {
  test('when the operator places an order, then its event names the operator and its buyer is the buyer', async () => {
    const buyer = at.nextBuyer();
    const order = orderIn(await at.place(buyer, ['algebra'], await at.bearer(ADMIN, ['admin'])));
    expect(order.user_id).toBe(buyer);
    expect(await events(order.id)).toEqual([{ type: 'PLACED', actor: 'OPERATOR', by_id: ADMIN }]);
  });

  test('when the operator restores an order, then its event names the operator', async () => {
    const buyer = at.nextBuyer();
    const order = orderIn(await at.place(buyer, ['algebra'], await at.bearer(buyer)));
    await at.stand.sql(`update orders set status = 'EXPIRED', expires_at = null where id = $1`, [order.id]);
    await at.stand.sql('delete from order_claims where order_id = $1', [order.id]);
    const restored = await at.call(
      'RestoreOrder',
      { order_id: order.id, user_id: buyer },
      await at.bearer(ADMIN, ['admin']),
    );
    expect(orderIn(restored).status).toBe('pending_payment');
    expect(await events(order.id)).toEqual([
      { type: 'PLACED', actor: 'BUYER', by_id: buyer },
      { type: 'RESTORED', actor: 'OPERATOR', by_id: ADMIN },
    ]);
  });

  test('when the operator books a session, then the events of booking and order name the operator', async () => {
    const attendee = at.nextBuyer();
    const sessionId = at.stand.neighbours.addSession('booked by an operator');
    const request = { user_id: attendee, session_id: sessionId };
    expect(await at.call('BookSession', request, await at.bearer(ADMIN, ['admin']))).toMatchObject({ status: 'OK' });
    const rows = await at.stand.sql(
      `select b.actor, b.by_id, o.actor as order_actor, o.by_id as order_by
       from session_booking_events b join session_bookings s on s.id = b.booking_id
         join order_events o on o.order_id = s.order_id where s.attendee_id = $1`,
      [attendee],
    );
    expect(rows).toEqual([{ actor: 'OPERATOR', by_id: ADMIN, order_actor: 'OPERATOR', order_by: ADMIN }]);
  });
});

test('given a buyer with their own token, when they place, then the event names the buyer', async () => {
  const buyer = at.nextBuyer();
  const order = orderIn(await at.place(buyer, ['algebra'], await at.bearer(buyer)));
  expect(await events(order.id)).toEqual([{ type: 'PLACED', actor: 'BUYER', by_id: buyer }]);
});
