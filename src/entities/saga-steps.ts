import type { SagaKind } from './saga.js';

/** Steps of the purchase saga: what was paid is delivered. */
export const PurchaseStep = { AWAIT_ENROLMENT: 'AWAIT_ENROLMENT' } as const;

/** Steps of the payment saga. */
export const PaymentStep = {
  /** Repeat a call to start a payment that was not answered. */
  START: 'START',
  /** Ask the payment service to cancel an attempt. */
  CANCEL: 'CANCEL',
  /** Money came on a closed order: deliver it or give it back. */
  DECIDE_LATE_MONEY: 'DECIDE_LATE_MONEY',
  /** The buyer finished a payment whose result does not come: ask for it. */
  ASK_RESULT: 'ASK_RESULT',
  /** A capture disagrees with the payment service's own answer: ask again before an operator decides. */
  VERIFY: 'VERIFY',
} as const;

/** Steps of the booking saga. */
export const BookingStep = {
  /** The session was cancelled, or exists no more: the booking ends, its money goes back. */
  CANCEL: 'CANCEL',
  /** The session has taken place. */
  COMPLETE: 'COMPLETE',
} as const;

/** Steps of the refund saga. */
export const RefundStep = {
  /** Ask the payment service, having asked first whether what was not delivered has been after all. */
  ASK: 'ASK',
  AWAIT_SETTLEMENT: 'AWAIT_SETTLEMENT',
  /** The payment service could not give back a capture that must go back: an operator is needed. */
  RETURN_FAILED: 'RETURN_FAILED',
} as const;

/** The steps of each kind, each with those that it may lead to. Any of them may come first, be repeated, and end the saga. */
export const sagaSteps: Readonly<Record<SagaKind, Readonly<Record<string, readonly string[]>>>> = {
  PURCHASE: { [PurchaseStep.AWAIT_ENROLMENT]: [] },
  PAYMENT: {
    [PaymentStep.START]: [],
    [PaymentStep.CANCEL]: [],
    [PaymentStep.DECIDE_LATE_MONEY]: [],
    [PaymentStep.ASK_RESULT]: [],
    [PaymentStep.VERIFY]: [],
  },
  SESSION_BOOKING: { [BookingStep.CANCEL]: [], [BookingStep.COMPLETE]: [] },
  REFUND: {
    [RefundStep.ASK]: [RefundStep.AWAIT_SETTLEMENT],
    [RefundStep.AWAIT_SETTLEMENT]: [],
    [RefundStep.RETURN_FAILED]: [],
  },
};

/** True where a saga of the kind may go on so. */
export const mayLeadTo = (kind: SagaKind, step: string, next: string): boolean =>
  next === step || (sagaSteps[kind][step]?.includes(next) ?? false);

const RETRIES: Readonly<Partial<Record<SagaKind, string>>> = { REFUND: RefundStep.ASK };

/** With which step a stuck saga goes on when an operator lets it: what is given back is asked for anew. */
export const stepOfRetry = (kind: SagaKind, step: string): string => RETRIES[kind] ?? step;
