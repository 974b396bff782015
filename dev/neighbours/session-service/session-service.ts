import type { SessionServiceImplementation } from '../../../src/generated/session_service.js';
import { SessionServiceDefinition } from '../../../src/generated/session_service.js';
import { withGarbage } from '../grpc/faults.js';
import type { NeighbourService, Place } from '../grpc/serve.js';
import { serve } from '../grpc/serve.js';
import type { Log } from '../log.js';
import type { SessionDesk } from './session-state.js';
import { findSession } from './session-state.js';

const NOT_FOUND = 'Session not found';

function implementation(desk: SessionDesk): SessionServiceImplementation {
  return {
    getSession: async ({ sessionId }) => {
      const session = await findSession(desk, sessionId);
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
      const session = await findSession(desk, sessionId);
      // Seats are booked at the order service, so all of them are free here.
      return session ? { availableSlots: session.maxSlots } : { error: NOT_FOUND };
    },
  };
}

/** The stand-in of the session service, which the platform has planned but not deployed. */
export function startSessionService(place: Place, desk: SessionDesk, log: Log): Promise<NeighbourService> {
  return serve(place, log, (server, service) => {
    server.add(withGarbage(SessionServiceDefinition, service), implementation(desk));
  });
}
