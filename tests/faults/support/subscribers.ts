import { inspect } from 'node:util';
import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import type { Replica } from './replica.js';
import { ROUTER_SECRET } from './secrets.js';

const FOLLOW = /* GraphQL */ `
  subscription ($id: ID!, $after: Int!) {
    orderStatusChanged(orderId: $id, afterVersion: $after) {
      version
      snapshot
      ends
    }
  }
`;

interface Message {
  readonly orderStatusChanged: { readonly version: number; readonly snapshot: boolean; readonly ends: string | null };
}

/** A front end that follows one order, and resumes where it was after it was cut off. */
export class Subscriber {
  /** Versions of the events that have come, in the order in which they came. */
  readonly versions: number[] = [];
  ends: string | null = null;
  /** Why the stream was refused or broke. */
  failure: string | undefined;
  #stop: (() => void) | undefined;

  constructor(
    readonly orderId: string,
    readonly client: Client,
  ) {
    this.#subscribe();
  }

  /** Goes away and comes back with the last version it has seen. */
  reconnect(): void {
    this.#stop?.();
    if (!this.ends) this.#subscribe();
  }

  #subscribe(): void {
    const variables = { id: this.orderId, after: this.versions.at(-1) ?? 0 };
    let isOpen = true;
    const stop = this.client.subscribe<Message>(
      { query: FOLLOW, variables },
      {
        next: ({ data, errors }) => {
          if (!isOpen) return;
          if (!data) return void (this.failure ??= JSON.stringify(errors));
          const { version, snapshot, ends } = data.orderStatusChanged;
          if (!snapshot) this.versions.push(version);
          this.ends = ends ?? this.ends;
        },
        error: (error) => void (this.failure ??= inspect(error, { depth: 0 })),
        complete: () => undefined,
      },
    );
    this.#stop = () => {
      isOpen = false;
      stop();
    };
  }
}

/** A WebSocket of one viewer, for any number of streams. */
export function openSocket({ url }: Replica, token: string): Client {
  return createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}`, 'x-router-secret': ROUTER_SECRET },
    lazy: false,
    retryAttempts: 0,
  });
}
