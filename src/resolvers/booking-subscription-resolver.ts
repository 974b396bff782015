import { validate as isUuid } from 'uuid';
import { Arg, Directive, ID, Int, Resolver, Root, type SubscribeResolverData, Subscription } from 'type-graphql';
import type { SessionBookingEvent } from '../entities/booking-event.js';
import type { SessionBooking } from '../entities/session-booking.js';
import { Context } from '../schema/context.js';
import { badInput, graphError } from '../schema/errors.js';
import { SessionBookingStatusChange } from '../schema/session-booking-status-change.js';
import { cursorOf, type Change } from '../subscriptions/change.js';
import { openStream, readPlace } from './stream-arguments.js';
import { Cost } from '../schema/costs.js';

type BookingChange = Change<SessionBooking, SessionBookingEvent>;

interface OneArguments {
  bookingId?: string;
  afterVersion?: number | null;
}

interface OwnArguments {
  after?: string | null;
}

@Resolver()
export class BookingSubscriptionResolver {
  @Directive(Cost.STREAM)
  @Subscription(() => SessionBookingStatusChange, {
    description:
      'Every event of a booking, in order and without gaps; the present state first unless afterVersion is given.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, OneArguments, Context>) =>
      followBooking(args, context),
  })
  sessionBookingStatusChanged(
    @Arg('bookingId', () => ID, { description: 'The booking.' }) _bookingId: string,
    @Arg('afterVersion', () => Int, { nullable: true, description: 'The last version that was seen.' })
    _after: number | null,
    @Root() change: BookingChange,
  ): SessionBookingStatusChange {
    return changeView(change);
  }

  @Directive(Cost.STREAM)
  @Subscription(() => SessionBookingStatusChange, {
    description:
      'Every event of all bookings of the viewer, those of one booking in order and without gaps; with a cursor first a snapshot of each booking that changed since. Snapshots may repeat what was seen: drop them by version.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, OwnArguments, Context>) => followOwn(args, context),
  })
  mySessionBookingsChanged(
    @Arg('after', () => String, { nullable: true, description: 'The cursor of the last message that was seen.' })
    _after: string | null,
    @Root() change: BookingChange,
  ): SessionBookingStatusChange {
    return changeView(change);
  }
}

/** The booking is refused before anything is streamed. @throws NOT_FOUND for a missing booking and a stranger's alike */
async function followBooking({ bookingId = '', afterVersion = null }: OneArguments, context: Context) {
  const viewer = context.requireViewer();
  if (afterVersion !== null && afterVersion < 0) throw badInput('afterVersion must not be negative');
  const booking = isUuid(bookingId) ? await context.loaders.booking.load(bookingId.toLowerCase()) : null;
  if (!booking) throw graphError('NOT_FOUND', 'There is no such booking, or it is not yours.');
  return openStream(context.services, viewer, () =>
    context.services.streams.bookings.follow(booking, afterVersion, viewer),
  );
}

function followOwn({ after = null }: OwnArguments, context: Context) {
  const viewer = context.requireViewer();
  const place = readPlace(after);
  return openStream(context.services, viewer, () => context.services.streams.bookings.followOwn(place, viewer));
}

/** Shows a message; what is selected of its booking is read again. */
function changeView({ aggregate: booking, event, ends, at }: BookingChange) {
  const shown = event
    ? { from: event.from, to: event.to, version: event.version, reason: event.reason }
    : { from: null, to: booking.status, version: booking.version, reason: booking.statusReason };
  return Object.assign(new SessionBookingStatusChange(), {
    ...shown,
    booking,
    ends,
    snapshot: event === null,
    cursor: cursorOf(at),
    occurredAt: event?.occurredAt ?? booking.updatedAt,
  });
}
