import type { Pool } from 'pg';
import { inTransaction } from './transaction.js';

// Any number that nothing else in the database uses: two processes that start together make the schema one by one.
const SCHEMA_LOCK = 7_014_224;

const TABLES = `
CREATE SCHEMA IF NOT EXISTS neighbours;

CREATE TABLE IF NOT EXISTS neighbours.payments (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL,
  user_id text NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  status text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS payments_pending ON neighbours.payments (expires_at) WHERE status = 'pending';

CREATE TABLE IF NOT EXISTS neighbours.provider_sessions (
  id text PRIMARY KEY,
  payment_id uuid NOT NULL UNIQUE REFERENCES neighbours.payments,
  provider text NOT NULL,
  status text NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  success_url text,
  cancel_url text,
  provider_payment_id text
);

CREATE TABLE IF NOT EXISTS neighbours.idempotency_results (
  key uuid PRIMARY KEY,
  response jsonb,
  locked_until timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS neighbours.enrolments (
  id uuid PRIMARY KEY,
  course_id uuid NOT NULL,
  student_id uuid NOT NULL,
  order_id uuid NOT NULL,
  enrolled_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (student_id, course_id)
);

CREATE TABLE IF NOT EXISTS neighbours.refunds (
  id uuid PRIMARY KEY,
  payment_id text NOT NULL,
  order_id uuid NOT NULL,
  user_id text NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  status text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS neighbours.sessions (
  id text PRIMARY KEY,
  max_slots integer,
  starts_at timestamptz,
  ends_at timestamptz,
  cancelled_at timestamptz,
  removed_at timestamptz
);

CREATE TABLE IF NOT EXISTS neighbours.processed_events (
  event_id text PRIMARY KEY,
  processed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS neighbours.outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  key text NOT NULL,
  value text NOT NULL
);

DELETE FROM neighbours.idempotency_results WHERE created_at < now() - interval '24 hours';
DELETE FROM neighbours.processed_events WHERE processed_at < now() - interval '30 days';
`;

/** Makes what is missing of the schema `neighbours` and forgets what the real services have forgotten by then. */
export async function prepareSchema(pool: Pool): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    await client.query(TABLES);
  });
}
