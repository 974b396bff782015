import { SessionServiceDefinition, type GetSessionResponse } from '../generated/session_service.js';
import { asDown, isNotFound, type Caller } from './caller.js';
import { fromMajorFloat, Money } from '../entities/money.js';
import type { LiveSession } from '../entities/session.js';
import { isCurrency } from '../entities/shared/currency.js';
import { toWellFormedText } from '../entities/shared/text.js';
import { NeighbourDown, type SessionDirectory } from './neighbours.js';

const DEFAULT_CURRENCY = 'INR';
/** Longer titles are cut, UTF-16 units. */
const LONGEST_TITLE = 500;
/** Longer currency codes are cut, UTF-16 units. */
const LONGEST_CODE = 20;

/** The session service. Its errors are plain text; title, currency and times are optional additions. */
export function createSessionClient(caller: Caller): SessionDirectory {
  const client = caller.client(SessionServiceDefinition);
  return {
    async findSession(sessionId) {
      try {
        const answer = await caller.read((options) => client.getSession({ sessionId }, options));
        if (/not.?found/i.test(answer.error)) return undefined;
        if (answer.error || answer.maxSlots < 0) {
          throw new NeighbourDown(caller.service, answer.error || 'a session that makes no sense');
        }
        return {
          id: sessionId,
          title: answer.title === undefined ? null : toWellFormedText(answer.title, LONGEST_TITLE),
          price: priceOf(caller.service, answer),
          capacity: answer.maxSlots,
          startsAt: timeOf(answer.startsAt),
          endsAt: timeOf(answer.endsAt),
          instructorId: answer.instructorId?.toLowerCase() ?? null,
        } satisfies LiveSession;
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw asDown(caller.service, error);
      }
    },
  };
}

/** A price in an unknown currency is read as if it had two decimal places: nobody can pay it, but it can be shown. */
function priceOf(service: string, { price, currency }: GetSessionResponse): Money {
  const code = toWellFormedText((currency || DEFAULT_CURRENCY).toUpperCase(), LONGEST_CODE);
  try {
    if (isCurrency(code)) return fromMajorFloat(price, code);
    return new Money(fromMajorFloat(Math.round(price), DEFAULT_CURRENCY).minor, code);
  } catch (error) {
    throw new NeighbourDown(service, error);
  }
}

function timeOf(text: string | undefined): Date | null {
  const time = text ? new Date(text) : null;
  return time && !Number.isNaN(time.getTime()) ? time : null;
}
