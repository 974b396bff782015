import { useQuery } from '@apollo/client/react';
import { SimpleGrid, Stack, Text } from '@mantine/core';
import {
  MyBookingChangesDocument,
  UpcomingSessionsDocument,
  type MyBookingChangesSubscription,
} from '../generated/graphql';
import { readAnew } from '../graph/read-anew';
import { useNews } from '../graph/use-news';
import { Loaded } from '../layout/Loaded';
import { PageTitle } from '../layout/PageTitle';
import { MyBookings, useMyBookings } from './MyBookings';
import { SessionCard } from './SessionCard';

/** Seats that others take are not pushed: they are asked for while somebody looks. */
const SEATS_MS = 3_000;

const placeOf = ({ mySessionBookingsChanged: { cursor, ends } }: MyBookingChangesSubscription) => ({
  place: cursor,
  ends,
});

/** Live sessions: seats, holds, the line. */
export function SessionsPage() {
  const query = useQuery(UpcomingSessionsDocument, {
    fetchPolicy: 'cache-and-network',
    pollInterval: SEATS_MS,
    skipPollAttempt: () => document.hidden,
  });
  const bookings = useMyBookings();
  const readAll = () => [query, bookings].forEach(readAnew);
  useNews(MyBookingChangesDocument, placeOf, readAll);
  return (
    <Stack>
      <PageTitle>Live sessions</PageTitle>
      <Loaded query={query} value={query.data?.upcomingSessions}>
        {(sessions) => (
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
            {sessions.map((session) => (
              <SessionCard key={session.id} session={session} onChanged={readAll} />
            ))}
            {sessions.length === 0 && <Text c="dimmed">None is planned.</Text>}
          </SimpleGrid>
        )}
      </Loaded>
      <MyBookings query={bookings} />
    </Stack>
  );
}
