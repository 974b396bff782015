import type { ApolloClient, OperationVariables, TypedDocumentNode } from '@apollo/client';
import type { StreamEnd } from '../generated/graphql';

/** What a message of a stream says about the stream itself. */
export interface StreamPlace<TPlace> {
  /** Where to resume after it. */
  readonly place: TPlace;
  readonly ends?: StreamEnd | null;
}

export interface FollowOptions<TData, TVariables extends OperationVariables, TPlace> {
  readonly client: ApolloClient;
  readonly subscription: TypedDocumentNode<TData, TVariables>;
  /** What was seen when following begins. */
  readonly from: TPlace;
  readonly variablesAt: (place: TPlace) => TVariables;
  readonly placeOf: (data: TData) => StreamPlace<TPlace>;
  readonly onMessage?: (data: TData) => unknown;
  /** The stream was lost, and is asked for again from where it was. */
  readonly onReconnect?: () => void;
}

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 5_000;

/** Ends that nothing follows: there is nothing more to see, or nothing more to be seen by this person. */
const IS_FINAL: Readonly<Record<StreamEnd, boolean>> = {
  COMPLETE: true,
  ACCOUNT_BLOCKED: true,
  SHUTDOWN: false,
  TOKEN_EXPIRED: false,
  TOO_SLOW: false,
};

/**
 * Follows a stream to its end: after a lost connection, a restart of the service or the end of a token it goes on after the last
 * message that was seen, so that nothing is missed. Messages also go into the client's cache.
 * @returns how to stop
 */
export function follow<TData, TVariables extends OperationVariables, TPlace>(
  options: FollowOptions<TData, TVariables, TPlace>,
): () => void {
  const { client, subscription, variablesAt, placeOf, onMessage, onReconnect } = options;
  let place = options.from;
  let waitMs = FIRST_WAIT_MS;
  let isOver = false;
  let stopCurrent = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;

  const connect = () => {
    const stream = client.subscribe({ query: subscription, variables: variablesAt(place) }).subscribe({
      next: ({ data }) => {
        if (!data) return;
        waitMs = FIRST_WAIT_MS;
        const { place: seen, ends } = placeOf(data as TData);
        place = seen;
        if (ends && IS_FINAL[ends]) isOver = true;
        onMessage?.(data as TData);
      },
      error: reconnect,
      complete: reconnect,
    });
    stopCurrent = () => stream.unsubscribe();
  };

  const reconnect = () => {
    if (isOver) return;
    timer = setTimeout(() => {
      onReconnect?.();
      connect();
    }, waitMs);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  };

  connect();
  return () => {
    isOver = true;
    clearTimeout(timer);
    stopCurrent();
  };
}
