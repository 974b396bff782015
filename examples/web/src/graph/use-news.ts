import { useEffect, useEffectEvent } from 'react';
import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import { follow, type StreamPlace } from './follow';
import { useIsLive } from './is-live';

/**
 * Tells of everything that changes for the viewer. What is shown changes by itself, by the client's cache; lists are to be read
 * anew, as something may have come or gone.
 */
export function useNews<TData>(
  subscription: TypedDocumentNode<TData, OperationVariables & { after?: string | null }>,
  placeOf: (data: TData) => StreamPlace<string>,
  onNews: () => void,
): void {
  const client = useApolloClient();
  const isLive = useIsLive();
  const tell = useEffectEvent(onNews);
  const readPlace = useEffectEvent(placeOf);
  useEffect(() => {
    if (!isLive) return undefined;
    return follow({
      client,
      subscription,
      from: undefined as string | undefined,
      variablesAt: (after) => ({ after }),
      placeOf: (data) => readPlace(data),
      onMessage: () => tell(),
      onReconnect: () => tell(),
    });
  }, [client, isLive, subscription]);
}
