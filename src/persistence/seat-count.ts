/**
 * Sessions whose counted seats and line differ from the bookings and the people in line themselves, as one select. Both sides
 * are of one snapshot, and every count changes in the transaction of its booking: what differs is a defect, never a race.
 * `counted_…` is null where a session has bookings but no seats.
 */
export const SEAT_DIFFERENCES = `
  with live as (
    select session_id, count(*)::int as bookings from session_bookings where status in ('PENDING', 'CONFIRMED') group by 1)
  , line as (select session_id, count(*)::int as people from session_waitlist group by 1)
  select coalesce(seats.session_id, live.session_id) as session_id,
    seats.taken as counted_taken, seats.waiting as counted_waiting,
    coalesce(live.bookings, 0) as actual_taken, coalesce(line.people, 0) as actual_waiting
  from session_seats seats full join live on live.session_id = seats.session_id
    left join line on line.session_id = seats.session_id
  where (seats.taken, seats.waiting) is distinct from (coalesce(live.bookings, 0), coalesce(line.people, 0))`;

/** Bookings that hold a seat although nobody can pay for it any more, with the status of their order. */
const HELD_FOR_NOTHING = `
  select booking.id as booking_id, booking.order_id, orders.status as order_status
  from session_bookings booking left join orders on orders.id = booking.order_id
  where booking.status = 'PENDING' and coalesce(orders.status, '') not in ('PENDING_PAYMENT', 'PROCESSING')`;
/** Orders whose money was kept for a seat that nobody has. A refund of a capture that came too much is not for the seat. */
const PAID_FOR_NOTHING = `
  select null::uuid as booking_id, orders.id as order_id, orders.status as order_status
  from orders where orders.session_id is not null and orders.status = 'SUCCEEDED' and orders.total_minor > 0
    and not exists (select 1 from session_bookings booking
      where booking.order_id = orders.id and booking.status in ('PENDING', 'CONFIRMED', 'COMPLETED'))
    and not exists (select 1 from order_refunds refund
      where refund.order_id = orders.id and refund.status in ('REQUESTED', 'APPROVED', 'SUCCEEDED')
        and jsonb_array_length(refund.item_ids) > 0)`;

/** Bookings without an order that can be paid, and paid orders without a booking or a refund, as one select. */
export const BOOKINGS_WITHOUT_ORDER = `${HELD_FOR_NOTHING} union all ${PAID_FOR_NOTHING}`;
