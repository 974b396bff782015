/** The constraint that a database error names, if any. */
export function violatedConstraint(error: unknown): string | undefined {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === '23505' ? constraint : undefined;
}

/** Keys that two transactions make alike when they change one version of an order or booking, or by chance. */
const VERSION_KEYS = new Set([
  'order_events_version',
  'outbox_pkey',
  'order_refunds_pkey',
  'payment_attempts_pkey',
  'payment_attempts_payment_id_key',
  'session_booking_events_version',
  'orders_number_key',
]);

/** Another transaction changed the aggregate first: load it again and decide again. */
export function isConflict(error: unknown): boolean {
  const { code, name } = error as { code?: string; name?: string };
  return (
    VERSION_KEYS.has(violatedConstraint(error) ?? '') ||
    name === 'OptimisticLockError' ||
    code === '40P01' ||
    code === '40001' ||
    code === '55P03'
  );
}

/**
 * The SQLSTATEs of an outage: connection trouble (08), a server that is full (53) or goes down (57P). A protocol violation
 * (08P01) is none of them: PostgreSQL answers a NUL inside a statement with it, every time.
 */
const OUTAGE_STATES = /^(?:08(?!P01)|53|57P)...?$/;
const SQL_STATE = /^[0-9A-Z]{5}$/;
const NETWORK = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_)/;
const NO_CONNECTION =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/**
 * Nothing is known about what was sent: the connection broke, or the server goes down. An error without an SQLSTATE came
 * from the network, unless the code threw it (TypeError, RangeError, URIError, …).
 */
export function isConnectionError(error: unknown): boolean {
  const { code } = error as { code?: string };
  const isSqlState = typeof code === 'string' && SQL_STATE.test(code) && !NETWORK.test(code);
  if (!isSqlState) return error instanceof Error && !isProgramError(error);
  return OUTAGE_STATES.test(code);
}

/** An error that JavaScript itself throws: the same input fails the same way every time. */
export function isProgramError(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof URIError ||
    error instanceof SyntaxError ||
    error instanceof ReferenceError
  );
}

/**
 * SQLSTATE classes that say the data is at fault, not the connection: 22 data, 23 constraint, 40 rollback; and the
 * protocol violation that a NUL inside a statement causes.
 */
export function isDataError(error: unknown): boolean {
  const { code } = error as { code?: string };
  return typeof code === 'string' && /^(?:22|23|40|08P01$)/.test(code);
}

/**
 * The database cannot be reached or takes no work now: a proven outage, after which the same may succeed. Safe to ask of
 * errors of any origin.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, message, cause } = error as Error & { code?: unknown };
  const isOutage = typeof code === 'string' && (OUTAGE_STATES.test(code) || NETWORK.test(code));
  return isOutage || NO_CONNECTION.test(message) || isDatabaseAway(cause);
}
