import type { LiveSession } from '../entities/session.js';
import type { Fork } from '../persistence/orm.js';
import { readSeats, type Seats } from '../persistence/seats.js';
import { linesOf, readPlaces } from '../persistence/waitlist.js';
import { NeighbourDown, type SessionDirectory } from '../platform/neighbours.js';

export type { LiveSession } from '../entities/session.js';
export type { Seats } from '../persistence/seats.js';

/** The session service cannot be asked now, or the platform has none. */
export class SessionsUnavailable extends Error {
  override name = 'SessionsUnavailable';
}

/** What is known of live sessions: by the session service, and of their seats. */
export interface LiveSessions {
  /** As the session service tells it; undefined for a session that does not exist. @throws SessionsUnavailable */
  find(id: string): Promise<LiveSession | undefined>;
  /** The seats of sessions that somebody has booked or waited for, with the newest that was told of them. One statement. */
  seats(ids: readonly string[]): Promise<ReadonlyMap<string, Seats>>;
  /** Where somebody is in line for these sessions, from 1; sessions that they are not in line for are missing. One statement. */
  positions(attendeeId: string, sessionIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The sessions that somebody is in line for, longest waiting first. */
  linesOf(attendeeId: string): Promise<string[]>;
}

export function createLiveSessions(fork: Fork, directory: SessionDirectory | undefined): LiveSessions {
  return {
    async find(id) {
      if (!directory) throw new SessionsUnavailable('this platform has no session service');
      try {
        return await directory.findSession(id);
      } catch (error) {
        if (error instanceof NeighbourDown) throw new SessionsUnavailable(error.message, { cause: error });
        throw error;
      }
    },
    seats: (ids) => readSeats(fork, ids),
    async positions(attendeeId, sessionIds) {
      const wanted = sessionIds.map((sessionId) => ({ sessionId, attendeeId }));
      const places = await readPlaces(fork, wanted);
      return new Map(places.map(({ sessionId, position }) => [sessionId, position]));
    },
    linesOf: (attendeeId) => linesOf(fork, attendeeId),
  };
}
