import { Directive, Field, ID, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import { BlockedReason } from './order-actions.js';
import { Order } from './order.js';

export enum ErrorCode {
  INVALID_INPUT = 'INVALID_INPUT',
  NOT_FOUND = 'NOT_FOUND',
  ACTION_NOT_ALLOWED = 'ACTION_NOT_ALLOWED',
  VERSION_CONFLICT = 'VERSION_CONFLICT',
  IDEMPOTENCY_CONFLICT = 'IDEMPOTENCY_CONFLICT',
  COURSE_UNAVAILABLE = 'COURSE_UNAVAILABLE',
  ALREADY_ENROLLED = 'ALREADY_ENROLLED',
  OWN_COURSE = 'OWN_COURSE',
  OPEN_ORDER_EXISTS = 'OPEN_ORDER_EXISTS',
  COUPON_REJECTED = 'COUPON_REJECTED',
  MIXED_CURRENCIES = 'MIXED_CURRENCIES',
  ACCOUNT_BLOCKED = 'ACCOUNT_BLOCKED',
  PAYMENT_REFUSED = 'PAYMENT_REFUSED',
  SERVICE_UNAVAILABLE = 'SERVICE_UNAVAILABLE',
  SESSION_FULL = 'SESSION_FULL',
  SESSION_UNAVAILABLE = 'SESSION_UNAVAILABLE',
  ALREADY_BOOKED = 'ALREADY_BOOKED',
  SEATS_AVAILABLE = 'SEATS_AVAILABLE',
  SAGA_NOT_STUCK = 'SAGA_NOT_STUCK',
  TOTAL_NOT_PAYABLE = 'TOTAL_NOT_PAYABLE',
}
registerEnumType(ErrorCode, {
  name: 'ErrorCode',
  description: 'Kind of a business refusal, for programs.',
  valuesConfig: {
    INVALID_INPUT: { description: 'The input breaks a rule; `fields` name it.' },
    NOT_FOUND: { description: 'There is no such thing for this viewer.' },
    ACTION_NOT_ALLOWED: { description: 'Its present state does not allow it.' },
    VERSION_CONFLICT: { description: 'It has changed since it was read.' },
    IDEMPOTENCY_CONFLICT: { description: 'The key was used for another request.' },
    COURSE_UNAVAILABLE: { description: 'A course is not for sale.' },
    ALREADY_ENROLLED: { description: 'The buyer has the course.' },
    OWN_COURSE: { description: 'The buyer teaches the course.' },
    OPEN_ORDER_EXISTS: { description: 'An order of the course waits to be paid.' },
    COUPON_REJECTED: { description: 'The coupon does not count.' },
    MIXED_CURRENCIES: { description: 'The courses are priced in several currencies.' },
    ACCOUNT_BLOCKED: { description: 'The account may not buy.' },
    PAYMENT_REFUSED: { description: 'The payment service refused.' },
    SERVICE_UNAVAILABLE: { description: 'A service that is needed does not answer.' },
    SESSION_FULL: { description: 'No seat is left.' },
    SESSION_UNAVAILABLE: { description: 'The session cannot be booked.' },
    ALREADY_BOOKED: { description: 'The viewer has a booking.' },
    SEATS_AVAILABLE: { description: 'There is no need to wait: seats are left.' },
    SAGA_NOT_STUCK: { description: 'There is nothing to retry.' },
    TOTAL_NOT_PAYABLE: { description: 'The payment service cannot be given the total exactly.' },
  },
});

/** A business outcome that is not success. It travels as data, never as a thrown error. */
@InterfaceType({ description: 'A business outcome that is not success.' })
export abstract class UserError {
  @Field(() => ErrorCode, { description: 'Kind of the refusal, for programs.' })
  readonly code: ErrorCode;

  @Field(() => String, { description: 'A sentence for people.' })
  readonly message: string;

  constructor(code: ErrorCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

@ObjectType({ description: 'One field of the input that breaks a rule.' })
@Directive('@shareable')
export class InvalidField {
  @Field(() => String, { description: 'Where in the input, such as courseIds[2].' })
  readonly path: string;

  @Field(() => String, { description: 'What is wrong.' })
  readonly message: string;

  constructor(path: string, message: string) {
    this.path = path;
    this.message = message;
  }
}

@ObjectType({ implements: UserError, description: 'The input breaks a rule.' })
@Directive('@shareable')
export class InvalidInput extends UserError {
  @Field(() => [InvalidField], { description: 'Every field at fault.' })
  readonly fields: readonly InvalidField[];

  constructor(fields: readonly InvalidField[]) {
    super(ErrorCode.INVALID_INPUT, fields.map(({ path, message }) => `${path}: ${message}`).join('; '));
    this.fields = fields;
  }
}

@ObjectType({ implements: UserError, description: 'There is no such thing for this viewer.' })
@Directive('@shareable')
export class NotFound extends UserError {
  @Field(() => ID, { description: 'What was asked for.' })
  readonly id: string;

  constructor(id: string) {
    super(ErrorCode.NOT_FOUND, 'There is no such thing, or it is not yours.');
    this.id = id;
  }
}

@ObjectType({ implements: UserError, description: 'The idempotency key was used for another request.' })
@Directive('@shareable')
export class IdempotencyConflict extends UserError {
  @Field(() => String, { description: 'The key.' })
  readonly key: string;

  constructor(key: string) {
    super(ErrorCode.IDEMPOTENCY_CONFLICT, 'This idempotency key was used for another request.');
    this.key = key;
  }
}

@ObjectType({ implements: UserError, description: 'The account is unknown, blocked or deleted and may not buy.' })
@Directive('@shareable')
export class AccountBlocked extends UserError {
  constructor() {
    super(ErrorCode.ACCOUNT_BLOCKED, 'This account may not buy.');
  }
}

@ObjectType({
  implements: UserError,
  description: 'A service that is needed does not answer: try again, with the same idempotency key.',
})
@Directive('@shareable')
export class ServiceUnavailable extends UserError {
  @Field(() => String, { description: 'Which one.' })
  readonly service: string;

  @Field(() => Int, { nullable: true, description: 'When to try again, in seconds.' })
  readonly retryAfterSeconds: number | null;

  constructor(service: string, retryAfterSeconds: number | null = 5) {
    super(ErrorCode.SERVICE_UNAVAILABLE, `The ${service} service does not answer now; please try again.`);
    this.service = service;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

@ObjectType({ implements: UserError, description: 'The present state of the order does not allow it.' })
export class ActionNotAllowed extends UserError {
  @Field(() => BlockedReason, { description: 'Why.' })
  readonly reason: BlockedReason;

  @Field(() => Order, { description: 'The order as it is.' })
  readonly order: Order;

  constructor(reason: BlockedReason, order: Order) {
    super(ErrorCode.ACTION_NOT_ALLOWED, `The order does not allow this: ${reason}.`);
    this.reason = reason;
    this.order = order;
  }
}

@ObjectType({ implements: UserError, description: 'The order has changed since it was read.' })
export class VersionConflict extends UserError {
  @Field(() => Order, { description: 'The order as it is.' })
  readonly order: Order;

  constructor(order: Order) {
    super(ErrorCode.VERSION_CONFLICT, `The order has changed; its version is ${order.version}.`);
    this.order = order;
  }
}

@ObjectType({ implements: UserError, description: 'The payment service refused.' })
export class PaymentRefused extends UserError {
  @Field(() => Order, { description: 'The order as it is.' })
  readonly order: Order;

  constructor(order: Order) {
    super(ErrorCode.PAYMENT_REFUSED, 'The payment service refused this payment.');
    this.order = order;
  }
}
