import type { SessionServiceImplementation } from '../../../src/generated/session_service.js';
import { SessionServiceDefinition } from '../../../src/generated/session_service.js';
import type { SampleSession } from '../../sample/sample-data.js';
import { withGarbage } from '../grpc/faults.js';
import type { NeighbourService, Place } from '../grpc/serve.js';
import { serve } from '../grpc/serve.js';
import type { Log } from '../log.js';

const NOT_FOUND = 'Session not found';

function implementation(sessions: ReadonlyMap<string, SampleSession>): SessionServiceImplementation {
  return {
    getSession: async ({ sessionId }) => {
      const session = sessions.get(sessionId);
      if (!session) return { sessionId, error: NOT_FOUND };
      return {
        sessionId,
        price: session.price,
        maxSlots: session.maxSlots,
        title: session.title,
        currency: session.currency,
        startsAt: session.startsAt?.toISOString(),
        endsAt: session.endsAt?.toISOString(),
        instructorId: session.instructorId,
      };
    },
    getAvailableSlots: async ({ sessionId }) => {
      const session = sessions.get(sessionId);
      // Seats are booked at the order service, so all of them are free here.
      return session ? { availableSlots: session.maxSlots } : { error: NOT_FOUND };
    },
  };
}

/** The stand-in of the session service, which the platform has planned but not deployed. */
export function startSessionService(
  place: Place,
  sessions: readonly SampleSession[],
  log: Log,
): Promise<NeighbourService> {
  const byId = new Map(sessions.map((session) => [session.id, session]));
  return serve(place, log, (server, service) => {
    server.add(withGarbage(SessionServiceDefinition, service), implementation(byId));
  });
}
