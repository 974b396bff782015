import { registerEnumType } from 'type-graphql';

/** The eight states of the platform's orders. CREATED is never stored. */
export enum OrderStatus {
  CREATED = 'CREATED',
  PENDING_PAYMENT = 'PENDING_PAYMENT',
  PROCESSING = 'PROCESSING',
  SUCCEEDED = 'SUCCEEDED',
  FAILED = 'FAILED',
  CANCELLED = 'CANCELLED',
  EXPIRED = 'EXPIRED',
  REFUNDED = 'REFUNDED',
}
registerEnumType(OrderStatus, {
  name: 'OrderStatus',
  description: 'Where an order is in its life.',
  valuesConfig: {
    CREATED: { description: 'Being placed; never seen at rest.' },
    PENDING_PAYMENT: { description: 'Placed, to be paid.' },
    PROCESSING: { description: 'A payment is under way.' },
    SUCCEEDED: { description: 'Paid.' },
    FAILED: { description: 'The last payment failed; may be restored.' },
    CANCELLED: { description: 'Cancelled before payment; may be restored.' },
    EXPIRED: { description: 'Not paid in time; may be restored.' },
    REFUNDED: { description: 'Given back whole.' },
  },
});

type Transitions = Readonly<Record<OrderStatus, readonly OrderStatus[]>>;

const S = OrderStatus;

/** Every allowed change of status. Late money leads from a closed order to SUCCEEDED, a restore to PENDING_PAYMENT. */
export const orderTransitions: Transitions = {
  CREATED: [S.PENDING_PAYMENT, S.SUCCEEDED],
  PENDING_PAYMENT: [S.PROCESSING, S.SUCCEEDED, S.FAILED, S.CANCELLED, S.EXPIRED],
  PROCESSING: [S.SUCCEEDED, S.FAILED, S.CANCELLED, S.EXPIRED, S.PENDING_PAYMENT],
  FAILED: [S.PENDING_PAYMENT, S.SUCCEEDED],
  CANCELLED: [S.PENDING_PAYMENT, S.SUCCEEDED],
  EXPIRED: [S.PENDING_PAYMENT, S.SUCCEEDED],
  SUCCEEDED: [S.REFUNDED],
  REFUNDED: [],
};

/**
 * Checks a transition table: every target is a state of the table, every state can be reached from `start`.
 * @throws Error naming the state at fault
 */
export function validateTransitions(table: Readonly<Record<string, readonly string[]>>, start: string): void {
  const reached = new Set([start]);
  for (const state of reached) {
    const targets = table[state];
    if (!targets) throw new Error(`transition to an unknown state: ${state}`);
    for (const target of targets) reached.add(target);
  }
  const lost = Object.keys(table).find((state) => !reached.has(state));
  if (lost) throw new Error(`state that cannot be reached: ${lost}`);
}
validateTransitions(orderTransitions, OrderStatus.CREATED);

/** True while an order can be paid. */
export const isPayable = (status: OrderStatus): boolean => status === S.PENDING_PAYMENT || status === S.PROCESSING;

/** True for an order that ended without payment and may be restored. */
export const isClosedUnpaid = (status: OrderStatus): boolean =>
  status === S.FAILED || status === S.CANCELLED || status === S.EXPIRED;
