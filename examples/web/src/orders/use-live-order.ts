import { useEffect, useRef } from 'react';
import type { ApolloClient } from '@apollo/client';
import { useApolloClient, useQuery } from '@apollo/client/react';
import { OrderChangesDocument, OrderDocument } from '../generated/graphql';
import { follow } from '../graph/follow';
import { useIsLive, usePollInterval } from '../graph/is-live';

/** An order that stays as it is in the service, through lost connections and restarts. */
export function useLiveOrder(orderId: string) {
  const client = useApolloClient();
  const query = useQuery(OrderDocument, {
    variables: { id: orderId },
    fetchPolicy: 'cache-and-network',
    pollInterval: usePollInterval(),
  });
  const order = query.data?.order;
  useFollowOrder(client, order ?? undefined);
  return query;
}

interface Seen {
  readonly id: string;
  readonly version: number;
}

/** Follows an order from the version that is shown. */
function useFollowOrder(client: ApolloClient, order: Seen | undefined): void {
  const isLive = useIsLive();
  const version = useRef<number | undefined>(undefined);
  version.current = order?.version;
  const orderId = order?.id;
  useEffect(() => {
    if (!orderId || !isLive) return undefined;
    return follow({
      client,
      subscription: OrderChangesDocument,
      from: version.current,
      variablesAt: (afterVersion) => ({ orderId, afterVersion }),
      placeOf: ({ orderStatusChanged: { version: seen, ends } }) => ({ place: seen, ends }),
    });
  }, [client, orderId, isLive]);
}
