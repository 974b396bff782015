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
 * Nothing is known about what was sent: the connection broke, or the server goes down (classes 08 and 57P, 53 for one
 * that is full). An error without an SQLSTATE came from the network.
 */
export function isConnectionError(error: unknown): boolean {
  const { code } = error as { code?: string };
  const isSqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
  if (!isSqlState) return error instanceof Error && !(error instanceof TypeError) && !(error instanceof RangeError);
  return /^(?:08|53|57P)/.test(code);
}

/** SQLSTATE classes that say the data is at fault, not the connection: 22 data, 23 constraint, 40 rollback. */
export function isDataError(error: unknown): boolean {
  const { code } = error as { code?: string };
  return typeof code === 'string' && /^(?:22|23|40)/.test(code);
}

const NETWORK = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_)/;
const NO_CONNECTION = /Connection terminated|timeout exceeded when trying to connect/;

/** The database cannot be reached or takes no work now: the same may go well later. Safe to ask of errors of any origin. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, message, cause } = error as Error & { code?: unknown };
  const says = typeof code === 'string' && (/^(?:08|53|57P)...?$/.test(code) || NETWORK.test(code));
  return says || NO_CONNECTION.test(message) || isDatabaseAway(cause);
}
