import { StreamEnd, type Change } from './change.js';
import { Mailbox } from './mailbox.js';

/** Longest queue of one reader. */
const MAILBOX_LIMIT = 1_000;

/** Whose stream it is, and until when the token counts. */
export interface StreamViewer {
  readonly userId: string;
  readonly expiresAt: Date;
}

/** One reader of a stream. */
export class Follower<E> {
  readonly mailbox = new Mailbox<E>(MAILBOX_LIMIT);
  #stopped: StreamEnd | null = null;

  constructor(
    readonly viewer: StreamViewer,
    /** Of the hints that make its stream be read. */
    readonly channel: string,
  ) {}

  /** Ends the stream after what is being delivered. */
  stop(why: StreamEnd): void {
    this.#stopped ??= why;
    this.mailbox.close();
  }

  /** Whether the token of its viewer has ended. */
  get isExpired(): boolean {
    return this.viewer.expiresAt <= new Date();
  }

  /** Why the stream cannot go on, beside what happens in it. */
  get mustEnd(): StreamEnd | null {
    if (this.mailbox.overflown) return StreamEnd.TOO_SLOW;
    if (this.#stopped) return this.#stopped;
    return this.isExpired ? StreamEnd.TOKEN_EXPIRED : null;
  }
}

/** A reader of one aggregate: gets every event after a version. */
export class AggregateFollower<E extends { readonly version: number }> extends Follower<E> {
  #version: number | null = null;

  constructor(
    viewer: StreamViewer,
    channel: string,
    readonly aggregateId: string,
  ) {
    super(viewer, channel);
  }

  /** The newest version that was put into the mailbox; null before the start. */
  get version(): number | null {
    return this.#version;
  }

  /** From now on it gets what is newer. */
  start(version: number): void {
    this.#version = version;
  }

  /** Takes what it has not had. */
  accept(events: readonly E[]): void {
    const last = this.#version;
    if (last === null) return;
    const news = events.filter(({ version }) => version > last);
    this.#version = news.at(-1)?.version ?? last;
    this.mailbox.put(news);
  }
}

/**
 * The messages of a follower's live events, to the end of the stream.
 * @param messagesOf makes messages of events
 * @param lastMessage tells why the stream ends; null where there is nothing to tell it with
 */
export async function* liveMessages<A, E>(
  follower: Follower<E>,
  messagesOf: (events: readonly E[]) => Promise<readonly Change<A, E>[]>,
  lastMessage: (ends: StreamEnd) => Promise<Change<A, E> | null>,
): AsyncGenerator<Change<A, E>, void, void> {
  for (;;) {
    // What is left when the token has ended comes after the viewer resumes with a new one.
    const events = follower.isExpired ? [] : await follower.mailbox.take(follower.viewer.expiresAt);
    for (const change of events.length > 0 ? await messagesOf(events) : []) {
      yield change;
      if (change.ends) return;
    }
    const ends = follower.mustEnd;
    const last = ends && (await lastMessage(ends));
    if (last) yield last;
    if (ends || follower.mailbox.closed) return;
  }
}
