import { ChangeSetType, type EventSubscriber, type FlushEventArgs, type TransactionEventArgs } from '@mikro-orm/core';
import { v7 as uuidv7 } from 'uuid';
import { noticeKindOf } from '../entities/notice.js';
import { OrderEvent } from '../entities/order-event.js';
import { Order, type RecordedEvent } from '../entities/order.js';
import { newSaga, type Saga, type StartedSaga } from '../entities/saga.js';
import { NoticeRow } from './notice-row.js';
import { aboutOrder, outboxRow, type OutboxMessage, type OutgoingMessage } from './outbox-message.js';
import { Written } from './written.js';

/** Which messages an event of an order makes. Pure. */
export type MessageMapper = (
  order: Order,
  event: RecordedEvent,
  correlationId: string | null,
) => readonly OutgoingMessage[];

/** Told after commit which orders changed. */
export type CommitListener = (orders: readonly { id: string; buyerId: string; version: number }[]) => void;

/**
 * Writes what orders have recorded (events, their messages and notices, sagas, refunds) in the flush that writes the orders, and
 * tells the listener after the commit.
 */
export class EventRecorder implements EventSubscriber {
  readonly #messagesOf: MessageMapper;
  readonly #onCommit: CommitListener;
  readonly #written = new Written<Order>();

  constructor(messagesOf: MessageMapper, onCommit: CommitListener) {
    this.#messagesOf = messagesOf;
    this.#onCommit = onCommit;
  }

  onFlush({ uow }: FlushEventArgs): void {
    const changed = uow
      .getChangeSets()
      .flatMap(({ entity }) => (entity instanceof Order && entity.recorded ? [entity] : []));
    for (const order of changed) {
      const rows = [
        ...(order.newRefunds ?? []),
        ...(order.newRevenue ?? []),
        ...(order.recorded ?? []).flatMap((event) => [
          eventRow(order, event),
          ...this.#outboxRows(order, event),
          ...noticeRows(order, event),
        ]),
        ...(order.startedSagas ?? []).map((saga) => sagaRow(order, saga)),
      ];
      for (const row of rows) uow.computeChangeSet(row, ChangeSetType.CREATE);
      order.recorded = undefined;
      order.newRefunds = undefined;
      order.newRevenue = undefined;
      order.startedSagas = undefined;
    }
    this.#written.add(uow, changed);
  }

  afterTransactionCommit({ uow }: TransactionEventArgs): void {
    const changed = this.#written.take(uow);
    if (changed.length > 0) this.#onCommit(changed.map(({ id, buyerId, version }) => ({ id, buyerId, version })));
  }

  #outboxRows(order: Order, event: RecordedEvent): OutboxMessage[] {
    const { scope, version } = event;
    const messages = this.#messagesOf(order, event, scope?.correlationId ?? null);
    return messages.map((message) => outboxRow(message, aboutOrder(order, version), scope));
  }
}

function eventRow(order: Order, event: RecordedEvent): OrderEvent {
  return Object.assign(new OrderEvent(), {
    id: uuidv7(),
    orderId: order.id,
    buyerId: order.buyerId,
    version: event.version,
    type: event.type,
    from: event.from,
    to: event.to,
    fulfilment: event.fulfilment,
    reason: event.reason ?? null,
    note: event.note ?? null,
    actor: event.actor,
    byId: event.byId ?? null,
    itemId: event.itemId ?? null,
    paymentId: event.paymentId ?? null,
    refundId: event.refundId ?? null,
    occurredAt: event.occurredAt,
    recordedAt: order.updatedAt,
    correlationId: event.scope?.correlationId ?? null,
  });
}

function noticeRows(order: Order, { type, version, refundId }: RecordedEvent): NoticeRow[] {
  const kind = noticeKindOf(type);
  if (!kind) return [];
  const fixed = { id: uuidv7(), orderId: order.id, bookingId: null, createdAt: order.updatedAt, leaseUntil: null };
  return [Object.assign(new NoticeRow(), { ...fixed, kind, version, refundId: refundId ?? null })];
}

function sagaRow({ id: orderId, updatedAt: createdAt }: Order, { kind, subjectId, step, dueAt }: StartedSaga): Saga {
  return newSaga(uuidv7(), { kind, orderId, subjectId, step, dueAt, createdAt });
}
