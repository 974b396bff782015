import { useQuery } from '@apollo/client/react';
import { Card, Table, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import { MyBookingsDocument, type BookingPartsFragment } from '../generated/graphql';
import { usePollInterval } from '../graph/is-live';
import { EndlessList } from '../layout/EndlessList';
import { BookingStatusBadge } from '../showing/StatusBadge';
import { showMoment } from '../showing/times';
import { STATUS_REASON } from '../showing/words';

const PAGE = 20;

/** Every seat that the viewer has taken, newest first. */
export function useMyBookings() {
  return useQuery(MyBookingsDocument, {
    variables: { first: PAGE },
    fetchPolicy: 'cache-and-network',
    notifyOnNetworkStatusChange: true,
    pollInterval: usePollInterval(),
  });
}

export function MyBookings({ query }: { readonly query: ReturnType<typeof useMyBookings> }) {
  return (
    <Card withBorder component="section" aria-label="My bookings">
      <Title order={2} size="h4">
        My bookings
      </Title>
      <EndlessList query={query} connection={query.data?.mySessionBookings} empty="None yet.">
        {(bookings) => (
          <Table>
            <Table.Tbody>
              {bookings.map((booking) => (
                <BookingRow key={booking.id} booking={booking} />
              ))}
            </Table.Tbody>
          </Table>
        )}
      </EndlessList>
    </Card>
  );
}

function BookingRow({ booking }: { readonly booking: BookingPartsFragment }) {
  const { title, bookedAt, status, statusReason, order } = booking;
  return (
    <Table.Tr>
      <Table.Td>{order ? <Link to={`/orders/${order.id}`}>{title}</Link> : title}</Table.Td>
      <Table.Td>{showMoment(bookedAt)}</Table.Td>
      <Table.Td>
        <BookingStatusBadge status={status} />
        {statusReason && <Text size="xs">{STATUS_REASON[statusReason]}</Text>}
      </Table.Td>
    </Table.Tr>
  );
}
