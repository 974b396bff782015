import { createUnionType, Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import {
  AccountBlocked,
  IdempotencyConflict,
  InvalidInput,
  NotFound,
  ServiceUnavailable,
} from '../entities/refusals.js';
import { SessionBooking } from '../entities/session-booking.js';
import {
  AlreadyBooked,
  BookingActionNotAllowed,
  BookingVersionConflict,
  SeatsAvailable,
  SessionFull,
  SessionUnavailable,
} from '../entities/session-refusals.js';
import { TotalNotPayable } from '../entities/payment/amount-errors.js';
import { Session } from '../entities/session.js';
import { PageInfo } from './connections.js';
import { Cost } from './costs.js';

@InputType({ description: 'Which session to book.' })
export class BookSessionInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => String, { nullable: true, description: 'The same key for every try of one booking.' })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Which booking to cancel.' })
export class CancelSessionBookingInput {
  @Field(() => ID, { description: 'The booking.' })
  bookingId!: string;

  @Field(() => String, { nullable: true, description: 'A remark, up to 500 characters.' })
  note?: string | null;

  @Field(() => Int, { nullable: true, description: 'Refuse if the booking has another version.' })
  expectedVersion?: number | null;
}

@InputType({ description: 'Which session to wait for.' })
export class JoinSessionWaitlistInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;
}

@InputType({ description: 'Which session not to wait for any more.' })
export class LeaveSessionWaitlistInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;
}

@ObjectType({ description: 'A booking in a list.' })
export class SessionBookingEdge {
  @Field(() => String, { description: 'Its place in the list.' })
  cursor!: string;

  @Field(() => SessionBooking, { description: 'The booking.' })
  node!: SessionBooking;
}

@ObjectType({ description: 'A page of bookings, newest first.' })
export class SessionBookingConnection {
  @Field(() => [SessionBookingEdge], { description: 'The bookings with their cursors.' })
  edges!: SessionBookingEdge[];

  @Field(() => [SessionBooking], { description: 'The bookings.' })
  nodes!: SessionBooking[];

  @Field(() => PageInfo, { description: 'Where the page is.' })
  pageInfo!: PageInfo;

  @Directive(Cost.COUNT)
  @Field(() => Int, { nullable: true, description: 'Number of all bookings of the list; counted only when asked for.' })
  totalCount(): Promise<number> {
    return this.count();
  }

  count!: () => Promise<number>;
}

@ObjectType({ description: 'A seat is booked; a priced one is held until the booking’s order is paid.' })
export class BookSessionSuccess {
  @Field(() => SessionBooking, { description: 'The booking.' })
  booking!: SessionBooking;

  @Field(() => Boolean, { description: 'True when an earlier call with the same key booked it.' })
  replayed!: boolean;
}

@ObjectType({ description: 'The booking is cancelled; what was paid goes back.' })
export class CancelSessionBookingSuccess {
  @Field(() => SessionBooking, { description: 'The booking.' })
  booking!: SessionBooking;
}

@ObjectType({ description: 'The viewer is in line.' })
export class JoinSessionWaitlistSuccess {
  @Field(() => Session, { description: 'The session.' })
  session!: Session;

  @Field(() => Int, { description: 'Place in the line, from 1.' })
  position!: number;
}

@ObjectType({ description: 'The viewer is not in line any more.' })
export class LeaveSessionWaitlistSuccess {
  @Field(() => Session, { description: 'The session.' })
  session!: Session;
}

export const BookSessionResult = createUnionType({
  name: 'BookSessionResult',
  description: 'The booking, or why there is none.',
  types: () =>
    [
      BookSessionSuccess,
      InvalidInput,
      NotFound,
      SessionFull,
      SessionUnavailable,
      AlreadyBooked,
      TotalNotPayable,
      IdempotencyConflict,
      AccountBlocked,
      ServiceUnavailable,
    ] as const,
});

export const CancelSessionBookingResult = createUnionType({
  name: 'CancelSessionBookingResult',
  description: 'The cancelled booking, or why it was not cancelled.',
  types: () =>
    [
      CancelSessionBookingSuccess,
      InvalidInput,
      NotFound,
      BookingActionNotAllowed,
      BookingVersionConflict,
      AccountBlocked,
    ] as const,
});

export const JoinSessionWaitlistResult = createUnionType({
  name: 'JoinSessionWaitlistResult',
  description: 'The place in line, or why there is none.',
  types: () =>
    [
      JoinSessionWaitlistSuccess,
      InvalidInput,
      NotFound,
      AlreadyBooked,
      SeatsAvailable,
      SessionUnavailable,
      TotalNotPayable,
      AccountBlocked,
      ServiceUnavailable,
    ] as const,
});

export const LeaveSessionWaitlistResult = createUnionType({
  name: 'LeaveSessionWaitlistResult',
  description: 'The session, or why the line was not left.',
  types: () => [LeaveSessionWaitlistSuccess, InvalidInput, NotFound, AccountBlocked] as const,
});
