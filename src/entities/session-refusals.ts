import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { BlockedReason } from './order-actions.js';
import { ErrorCode, UserError } from './refusals.js';
import { SessionBooking } from './session-booking.js';
import { Session } from './session.js';

export enum SessionUnavailableReason {
  STARTED = 'STARTED',
  CANCELLED = 'CANCELLED',
  OWN_SESSION = 'OWN_SESSION',
  CURRENCY_UNSUPPORTED = 'CURRENCY_UNSUPPORTED',
}
registerEnumType(SessionUnavailableReason, {
  name: 'SessionUnavailableReason',
  description: 'Why a session cannot be booked.',
  valuesConfig: {
    STARTED: { description: 'It has begun.' },
    CANCELLED: { description: 'It was cancelled.' },
    OWN_SESSION: { description: 'The viewer teaches it.' },
    CURRENCY_UNSUPPORTED: { description: 'Its price is not in an ISO 4217 currency.' },
  },
});

@ObjectType({ implements: UserError, description: 'No seat is left, or others wait for the next one.' })
export class SessionFull extends UserError {
  @Field(() => Session, { description: 'The session.' })
  readonly session: Session;

  constructor(sessionId: string) {
    super(ErrorCode.SESSION_FULL, 'No seat is left in this session.');
    this.session = new Session(sessionId);
  }
}

@ObjectType({ implements: UserError, description: 'The session cannot be booked.' })
export class SessionUnavailable extends UserError {
  @Field(() => Session, { description: 'The session.' })
  readonly session: Session;

  @Field(() => SessionUnavailableReason, { description: 'Why.' })
  readonly sessionReason: SessionUnavailableReason;

  constructor(sessionId: string, sessionReason: SessionUnavailableReason) {
    super(ErrorCode.SESSION_UNAVAILABLE, 'This session cannot be booked.');
    this.session = new Session(sessionId);
    this.sessionReason = sessionReason;
  }

  static cancelled(sessionId: string): SessionUnavailable {
    return new SessionUnavailable(sessionId, SessionUnavailableReason.CANCELLED);
  }
}

@ObjectType({ implements: UserError, description: 'The viewer has a booking of the session.' })
export class AlreadyBooked extends UserError {
  @Field(() => SessionBooking, { description: 'The booking.' })
  readonly booking: SessionBooking;

  constructor(booking: SessionBooking) {
    super(ErrorCode.ALREADY_BOOKED, 'You have a booking of this session.');
    this.booking = booking;
  }
}

@ObjectType({ implements: UserError, description: 'There is no need to wait: seats are left.' })
export class SeatsAvailable extends UserError {
  @Field(() => Session, { description: 'The session.' })
  readonly session: Session;

  constructor(sessionId: string) {
    super(ErrorCode.SEATS_AVAILABLE, 'Seats are left in this session: book one.');
    this.session = new Session(sessionId);
  }
}

@ObjectType({ implements: UserError, description: 'The present state of the booking does not allow it.' })
export class BookingActionNotAllowed extends UserError {
  @Field(() => BlockedReason, { description: 'Why.' })
  readonly reason: BlockedReason;

  @Field(() => SessionBooking, { description: 'The booking as it is.' })
  readonly booking: SessionBooking;

  constructor(reason: BlockedReason, booking: SessionBooking) {
    super(ErrorCode.ACTION_NOT_ALLOWED, `The booking does not allow this: ${reason}.`);
    this.reason = reason;
    this.booking = booking;
  }
}

@ObjectType({ implements: UserError, description: 'The booking has changed since it was read.' })
export class BookingVersionConflict extends UserError {
  @Field(() => SessionBooking, { description: 'The booking as it is.' })
  readonly booking: SessionBooking;

  constructor(booking: SessionBooking) {
    super(ErrorCode.VERSION_CONFLICT, `The booking has changed; its version is ${booking.version}.`);
    this.booking = booking;
  }
}
