import { useEffect, useEffectEvent, useState } from 'react';
import { useApolloClient, useQuery } from '@apollo/client/react';
import { OrderChangesDocument, OrderDocument } from '../generated/graphql';
import { follow } from '../graph/follow';
import { useIsLive, usePollInterval } from '../graph/is-live';

/** How often to ask about an order whose stream is complete: only a refund that is asked for elsewhere would change it. */
const COMPLETE_MS = 10_000;

/** An order that stays as it is in the service, through lost connections and restarts. */
export function useLiveOrder(orderId: string) {
  const unpushedMs = usePollInterval();
  const [completeAt, setCompleteAt] = useState(0);
  const query = useQuery(OrderDocument, {
    variables: { id: orderId },
    fetchPolicy: 'cache-and-network',
    pollInterval: unpushedMs || (completeAt ? COMPLETE_MS : 0),
  });
  const { id, version = 0 } = query.data?.order ?? {};
  useFollowOrder(id, version, version > completeAt, setCompleteAt);
  return query;
}

/**
 * Follows an order from the version that is shown.
 * @param isOpen whether there may be more than what its stream ended with
 */
function useFollowOrder(
  orderId: string | undefined,
  version: number,
  isOpen: boolean,
  onComplete: (version: number) => void,
): void {
  const client = useApolloClient();
  const isLive = useIsLive();
  const shown = useEffectEvent(() => version);
  useEffect(() => {
    if (!orderId || !isLive || !isOpen) return undefined;
    return follow({
      client,
      subscription: OrderChangesDocument,
      from: shown(),
      variablesAt: (afterVersion) => ({ orderId, afterVersion }),
      placeOf: ({ orderStatusChanged: { version: seen, ends } }) => ({ place: seen, ends }),
      onMessage: ({ orderStatusChanged: { version: seen, ends } }) => ends === 'COMPLETE' && onComplete(seen),
    });
  }, [client, orderId, isLive, isOpen, onComplete]);
}
