import { Arg, Ctx, Directive, Mutation, Resolver } from 'type-graphql';
import { Session } from '../entities/session.js';
import { Context } from '../schema/context.js';
import {
  BookSessionInput,
  BookSessionResult,
  BookSessionSuccess,
  CancelSessionBookingInput,
  CancelSessionBookingResult,
  CancelSessionBookingSuccess,
  JoinSessionWaitlistInput,
  JoinSessionWaitlistResult,
  JoinSessionWaitlistSuccess,
  LeaveSessionWaitlistInput,
  LeaveSessionWaitlistResult,
  LeaveSessionWaitlistSuccess,
} from '../schema/session-types.js';
import { Cost } from '../schema/costs.js';

const SESSION = { description: 'Which session.' };

@Resolver()
export class BookingLifeResolver {
  @Directive(Cost.WRITE)
  @Mutation(() => BookSessionResult, {
    nullable: true,
    description: 'Books a seat: confirmed at once where it is free, else held for the payment of the booking’s order.',
  })
  async bookSession(@Arg('input', () => BookSessionInput, SESSION) input: BookSessionInput, @Ctx() context: Context) {
    const outcome = await context.services.bookSession(context.requireViewer().userId, {
      sessionId: input.sessionId.toLowerCase(),
      idempotencyKey: input.idempotencyKey ?? context.idempotencyKey,
    });
    if (!('replayed' in outcome)) return outcome;
    return Object.assign(new BookSessionSuccess(), outcome);
  }

  @Directive(Cost.WRITE)
  @Mutation(() => CancelSessionBookingResult, {
    nullable: true,
    description: 'Gives a seat up; what was paid goes back. Again answers success again.',
  })
  async cancelSessionBooking(
    @Arg('input', () => CancelSessionBookingInput, { description: 'Which booking.' }) input: CancelSessionBookingInput,
    @Ctx() context: Context,
  ) {
    const outcome = await context.services.cancelSessionBooking(context.requireViewer(), {
      bookingId: input.bookingId.toLowerCase(),
      note: input.note ?? null,
      expectedVersion: input.expectedVersion ?? null,
    });
    return 'code' in outcome ? outcome : Object.assign(new CancelSessionBookingSuccess(), outcome);
  }

  @Directive(Cost.WRITE)
  @Mutation(() => JoinSessionWaitlistResult, {
    nullable: true,
    description: 'Waits for a seat of a session that is full. Again answers the position again.',
  })
  async joinSessionWaitlist(
    @Arg('input', () => JoinSessionWaitlistInput, SESSION) { sessionId }: JoinSessionWaitlistInput,
    @Ctx() context: Context,
  ) {
    const viewer = context.requireViewer();
    const outcome = await context.services.joinSessionWaitlist(viewer.userId, sessionId.toLowerCase());
    if (!('position' in outcome)) return outcome;
    const { position } = outcome;
    return Object.assign(new JoinSessionWaitlistSuccess(), { session: new Session(outcome.sessionId), position });
  }

  @Directive(Cost.WRITE)
  @Mutation(() => LeaveSessionWaitlistResult, {
    nullable: true,
    description: 'Waits no more. Again answers success again.',
  })
  async leaveSessionWaitlist(
    @Arg('input', () => LeaveSessionWaitlistInput, SESSION) { sessionId }: LeaveSessionWaitlistInput,
    @Ctx() context: Context,
  ) {
    const viewer = context.requireViewer();
    const outcome = await context.services.leaveSessionWaitlist(viewer.userId, sessionId.toLowerCase());
    if ('code' in outcome) return outcome;
    return Object.assign(new LeaveSessionWaitlistSuccess(), { session: new Session(outcome.sessionId) });
  }
}
