import { createUnionType, Field, ObjectType } from 'type-graphql';
import {
  AlreadyEnrolled,
  CouponRejected,
  CourseUnavailable,
  MixedCurrencies,
  OpenOrderExists,
} from '../entities/cart-refusals.js';
import { Order } from '../entities/order.js';
import { TotalNotPayable } from '../entities/payment/amount-errors.js';
import {
  AccountBlocked,
  ActionNotAllowed,
  InvalidInput,
  NotFound,
  ServiceUnavailable,
  VersionConflict,
} from '../entities/refusals.js';
import { AlreadyBooked, SessionFull, SessionUnavailable } from '../entities/session-refusals.js';

@ObjectType({ description: 'The order is cancelled.' })
export class CancelOrderSuccess {
  @Field(() => Order, { description: 'The order.' })
  readonly order: Order;

  constructor(order: Order) {
    this.order = order;
  }
}

@ObjectType({ description: 'The order is payable again.' })
export class RestoreOrderSuccess {
  @Field(() => Order, { description: 'The order.' })
  readonly order: Order;

  constructor(order: Order) {
    this.order = order;
  }
}

export const CancelOrderResult = createUnionType({
  name: 'CancelOrderResult',
  description: 'The cancelled order, or why it was not cancelled.',
  types: () => [CancelOrderSuccess, InvalidInput, NotFound, ActionNotAllowed, VersionConflict, AccountBlocked] as const,
});

export const RestoreOrderResult = createUnionType({
  name: 'RestoreOrderResult',
  description: 'The restored order, or why it was not restored.',
  types: () =>
    [
      RestoreOrderSuccess,
      InvalidInput,
      NotFound,
      ActionNotAllowed,
      VersionConflict,
      CourseUnavailable,
      AlreadyEnrolled,
      OpenOrderExists,
      CouponRejected,
      TotalNotPayable,
      MixedCurrencies,
      SessionFull,
      SessionUnavailable,
      AlreadyBooked,
      AccountBlocked,
      ServiceUnavailable,
    ] as const,
});
