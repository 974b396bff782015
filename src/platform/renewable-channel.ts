import type { Channel } from 'nice-grpc';

/** A channel that can be begun anew, for all clients made of it. */
export interface RenewableChannel {
  readonly channel: Channel;
  /** Later calls go over a new connection. Calls that have one go on; those that wait for one fail with UNAVAILABLE. */
  renew(): void;
}

/**
 * gRPC waits without limit for a connection that was opened and of which nothing was heard since, even when a new one would
 * work.
 * @param open opens a channel that shares no connection with others
 */
export function renewableChannel(open: () => Channel): RenewableChannel {
  let current = open();
  const channel = new Proxy(current, {
    get: (_first, name) => {
      const member: unknown = Reflect.get(current, name);
      return typeof member === 'function' ? (member.bind(current) as unknown) : member;
    },
  });
  return {
    channel,
    renew: () => {
      const old = current;
      current = open();
      old.close();
    },
  };
}
