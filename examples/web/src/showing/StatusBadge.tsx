import { Badge } from '@mantine/core';
import type { OrderStatus, SessionBookingStatus } from '../generated/graphql';
import { BOOKING_STATUS, ORDER_STATUS } from './words';

/** Readable on both colour schemes. */
const COLOURS: Readonly<Record<OrderStatus | SessionBookingStatus, string>> = {
  CREATED: 'gray.7',
  PENDING_PAYMENT: 'orange.3',
  PENDING: 'orange.3',
  PROCESSING: 'indigo',
  SUCCEEDED: 'teal.9',
  CONFIRMED: 'teal.9',
  COMPLETED: 'teal.9',
  FAILED: 'red.9',
  CANCELLED: 'gray.7',
  EXPIRED: 'gray.7',
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
