/** When a session begins, and how long before that its seats may be given up. */
export interface SeatWindow {
  /** Null where the session service does not tell: then they may always be. */
  readonly startsAt: Date | null;
  /** In ms. */
  readonly cancellationMs: number;
  readonly now: Date;
}

/** True when it is too late for an attendee to give a confirmed seat up. */
export function isCancellationClosed({ startsAt, cancellationMs, now }: SeatWindow): boolean {
  return startsAt !== null && now.getTime() > startsAt.getTime() - cancellationMs;
}
