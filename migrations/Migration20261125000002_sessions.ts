import { Migration } from '@mikro-orm/migrations';

/** Bookings of seats in live sessions, their events, the seats themselves and the lines for them. */
export class Migration20261125000002_sessions extends Migration {
  override up(): void {
    this.addSql(`set local lock_timeout = '2s'`);
    this.addSql(`alter table orders add column session_id uuid`);
    this.addSql(`alter table sagas add column booking_id uuid`);
    this.addSql(`alter table notices add column booking_id uuid, alter column order_id drop not null`);
    // Every booking updates its session's row: room in the page keeps the indexes out of it.
    this.addSql(`
      create table session_seats (
        session_id uuid primary key,
        taken int not null check (taken >= 0),
        waiting int not null check (waiting >= 0),
        last_place bigint not null,
        capacity int not null,
        capacity_at timestamptz(3) not null,
        title text,
        price_minor bigint not null,
        currency text not null,
        instructor_id uuid,
        starts_at timestamptz(3),
        ends_at timestamptz(3),
        gone_at timestamptz(3),
        check_at timestamptz(3)
      ) with (fillfactor = 50)`);
    this.addSql(`create index session_seats_check on session_seats (check_at) where check_at is not null`);
    this.addSql(`
      create table session_bookings (
        id uuid primary key,
        session_id uuid not null,
        attendee_id uuid not null,
        order_id uuid references orders,
        status text not null,
        status_reason text,
        status_note text,
        title text,
        price_minor bigint not null check (price_minor >= 0),
        currency text not null,
        booked_at timestamptz(3) not null,
        confirmed_at timestamptz(3),
        cancelled_at timestamptz(3),
        updated_at timestamptz(3) not null,
        version int not null
      )`);
    this.addSql(`
      create unique index session_bookings_live on session_bookings (attendee_id, session_id)
        where status in ('PENDING', 'CONFIRMED')`);
    this.addSql(`
      create index session_bookings_session on session_bookings (session_id, id)
        where status in ('PENDING', 'CONFIRMED')`);
    this.addSql(`create index session_bookings_attendee on session_bookings (attendee_id, booked_at, id)`);
    this.addSql(`create index session_bookings_order on session_bookings (order_id) where order_id is not null`);
    this.addSql(`
      create table session_booking_events (
        id uuid primary key,
        booking_id uuid not null references session_bookings,
        attendee_id uuid not null,
        version int not null,
        type text not null,
        "from" text,
        "to" text not null,
        reason text,
        note text,
        actor text not null,
        by_id text,
        occurred_at timestamptz(3) not null,
        recorded_at timestamptz(3) not null,
        correlation_id text,
        constraint session_booking_events_version unique (booking_id, version)
      )`);
    this.addSql(`create index session_booking_events_attendee on session_booking_events (attendee_id, recorded_at)`);
    this.addSql(`
      create table session_waitlist (
        session_id uuid not null references session_seats,
        attendee_id uuid not null,
        place bigint not null,
        joined_at timestamptz(3) not null,
        primary key (session_id, attendee_id),
        constraint session_waitlist_place unique (session_id, place)
      )`);
    this.addSql(`create index session_waitlist_attendee on session_waitlist (attendee_id)`);
  }

  override down(): void {
    this.addSql(`drop table session_waitlist, session_booking_events, session_bookings, session_seats`);
    this.addSql(`delete from notices where order_id is null`);
    this.addSql(`alter table notices drop column booking_id, alter column order_id set not null`);
    this.addSql(`alter table sagas drop column booking_id`);
    this.addSql(`alter table orders drop column session_id`);
  }
}
