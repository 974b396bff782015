import { NeighbourDown, type LiveSession, type SessionDirectory } from '../platform/neighbours.js';

export type { LiveSession } from '../platform/neighbours.js';

/** The session service cannot be asked now, or the platform has none. */
export class SessionsUnavailable extends Error {
  override name = 'SessionsUnavailable';
}

/** What the session service tells of live sessions. */
export interface LiveSessions {
  /** Undefined for a session that does not exist. @throws SessionsUnavailable */
  find(id: string): Promise<LiveSession | undefined>;
}

export function createLiveSessions(directory: SessionDirectory | undefined): LiveSessions {
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
  };
}
