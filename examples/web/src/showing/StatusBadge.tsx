import { Badge } from '@mantine/core';
import type { OrderStatus, SessionBookingStatus } from '../generated/graphql';
import { BOOKING_STATUS, ORDER_STATUS } from './words';

const COLOURS: Readonly<Record<OrderStatus | SessionBookingStatus, string>> = {
  CREATED: 'gray',
  PENDING_PAYMENT: 'orange',
  PENDING: 'orange',
  PROCESSING: 'indigo',
  SUCCEEDED: 'teal',
  CONFIRMED: 'teal',
  COMPLETED: 'teal',
  FAILED: 'red',
  CANCELLED: 'gray',
  EXPIRED: 'gray',
  REFUNDED: 'grape',
};

export function OrderStatusBadge({ status }: { readonly status: OrderStatus }) {
  return (
    <Badge color={COLOURS[status]} data-status={status}>
      {ORDER_STATUS[status]}
    </Badge>
  );
}

export function BookingStatusBadge({ status }: { readonly status: SessionBookingStatus }) {
  return (
    <Badge color={COLOURS[status]} data-status={status}>
      {BOOKING_STATUS[status]}
    </Badge>
  );
}
