import { createUnionType, Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Order } from '../../entities/order.js';
import { SuspiciousPayment } from '../../entities/payment/suspicious-payment.js';
import { AccountBlocked, ActionNotAllowed, InvalidInput, NotFound } from '../../entities/refusals.js';
import { PageInfo } from '../connections.js';
import { Cost } from '../costs.js';

@ObjectType({ description: 'A suspicious payment in a list.' })
export class SuspiciousPaymentEdge {
  @Field(() => String, { description: 'Its place in the list.' })
  cursor!: string;

  @Field(() => SuspiciousPayment, { description: 'The suspicious payment.' })
  node!: SuspiciousPayment;
}

@ObjectType({ description: 'A page of suspicious payments.' })
export class SuspiciousPaymentConnection {
  @Field(() => [SuspiciousPaymentEdge], { description: 'The suspicious payments with their cursors.' })
  edges!: SuspiciousPaymentEdge[];

  @Field(() => [SuspiciousPayment], { description: 'The suspicious payments.' })
  nodes!: SuspiciousPayment[];

  @Field(() => PageInfo, { description: 'Where the page is.' })
  pageInfo!: PageInfo;

  @Directive(Cost.COUNT)
  @Field(() => Int, { nullable: true, description: 'Number of all of the list; counted only when asked for.' })
  totalCount(): Promise<number> {
    return this.count();
  }

  count!: () => Promise<number>;
}

@InputType({ description: 'Which suspicious payment to decide about, and why so.' })
export class ReviewPaymentInput {
  @Field(() => ID, { description: 'The suspicious payment.' })
  suspiciousPaymentId!: string;

  @Field(() => String, { description: 'The reason for the decision, 1 to 500 characters.' })
  note!: string;
}

@ObjectType({ description: 'The suspicious payment is decided.' })
export class ReviewPaymentSuccess {
  @Field(() => Order, { description: 'The order.' })
  order!: Order;

  @Field(() => SuspiciousPayment, { description: 'The suspicious payment.' })
  suspiciousPayment!: SuspiciousPayment;
}

export const ReviewPaymentResult = createUnionType({
  name: 'ReviewPaymentResult',
  description: 'The decided suspicious payment, or why it cannot be decided.',
  types: () => [ReviewPaymentSuccess, InvalidInput, NotFound, ActionNotAllowed, AccountBlocked] as const,
});
