import { ServerError, Status, type CallContext } from 'nice-grpc';
import { CourseUnavailable, CourseUnavailableReason, type UnavailableCourse } from '../entities/cart-refusals.js';
import { ActionNotAllowed, ErrorCode, type UserError } from '../entities/refusals.js';

/** What the platform's gateway makes of each status stands behind it. */
const STATUS: Readonly<Record<ErrorCode, Status>> = {
  [ErrorCode.INVALID_INPUT]: Status.INVALID_ARGUMENT, // 400
  [ErrorCode.NOT_FOUND]: Status.NOT_FOUND, // 404
  [ErrorCode.ACTION_NOT_ALLOWED]: Status.FAILED_PRECONDITION, // 400
  [ErrorCode.VERSION_CONFLICT]: Status.ABORTED, // 409
  [ErrorCode.IDEMPOTENCY_CONFLICT]: Status.ALREADY_EXISTS, // 409
  [ErrorCode.COURSE_UNAVAILABLE]: Status.FAILED_PRECONDITION,
  [ErrorCode.ALREADY_ENROLLED]: Status.ALREADY_EXISTS,
  [ErrorCode.OWN_COURSE]: Status.FAILED_PRECONDITION,
  [ErrorCode.OPEN_ORDER_EXISTS]: Status.ALREADY_EXISTS,
  [ErrorCode.COUPON_REJECTED]: Status.INVALID_ARGUMENT,
  [ErrorCode.MIXED_CURRENCIES]: Status.INVALID_ARGUMENT,
  [ErrorCode.ACCOUNT_BLOCKED]: Status.PERMISSION_DENIED, // 403
  [ErrorCode.PAYMENT_REFUSED]: Status.FAILED_PRECONDITION,
  [ErrorCode.SERVICE_UNAVAILABLE]: Status.UNAVAILABLE, // 503
  [ErrorCode.SESSION_FULL]: Status.RESOURCE_EXHAUSTED, // 429
  [ErrorCode.SESSION_UNAVAILABLE]: Status.FAILED_PRECONDITION,
  [ErrorCode.ALREADY_BOOKED]: Status.ALREADY_EXISTS,
  [ErrorCode.SEATS_AVAILABLE]: Status.FAILED_PRECONDITION,
  [ErrorCode.SAGA_NOT_STUCK]: Status.FAILED_PRECONDITION,
  [ErrorCode.TOTAL_NOT_PAYABLE]: Status.FAILED_PRECONDITION,
};

/** A refusal as the platform's gateway reads it: a status with error_code, detail and reason in the trailer. */
export function refuse(context: CallContext, status: Status, reason: string, detail: string): ServerError {
  context.trailer
    .set('error_code', Status[status] ?? 'UNKNOWN')
    .set('reason', reason)
    .set('detail', inHeader(detail));
  return new ServerError(status, detail);
}

/** The refusal of a command, which is data in the graph, as a status of gRPC. */
export function refusalOf(context: CallContext, error: UserError): ServerError {
  const reason = error instanceof ActionNotAllowed ? error.reason : error.code;
  if ('retryAfterSeconds' in error && typeof error.retryAfterSeconds === 'number')
    context.trailer.set('retry-after-seconds', String(error.retryAfterSeconds));
  return refuse(context, statusOf(error), reason, error.message);
}

function statusOf(error: UserError): Status {
  const missing = ({ courseReason }: UnavailableCourse) => courseReason === CourseUnavailableReason.NOT_FOUND;
  if (error instanceof CourseUnavailable && error.unavailable.some(missing)) return Status.NOT_FOUND;
  return STATUS[error.code];
}

/** Metadata takes printable ASCII only. */
const inHeader = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');
