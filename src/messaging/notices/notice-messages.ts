import mustache from 'mustache';
import { v5 as uuidv5 } from 'uuid';
import { Money } from '../../entities/money.js';
import type { FullNotice } from '../../entities/notice.js';
import type { OutgoingMessage } from '../../persistence/event-recorder.js';
import { envelope } from '../envelope.js';
import { Topic } from '../topics.js';
import { FRAME, NOTICES } from './templates.js';

/** How buyers are told. */
export type NoticeChannel = 'email' | 'in-app';

/** The messages that ask the platform's notification service to tell a buyer. Pure; ids are the same in every repeat. */
export function noticeMessages(notice: FullNotice, channels: readonly NoticeChannel[], now: Date): OutgoingMessage[] {
  const { order, kind, version, email } = notice;
  const template = NOTICES[kind];
  const values = valuesOf(notice);
  const title = plain(template.title, values);
  const message = (topic: string, eventType: string, payload: object): OutgoingMessage => {
    const id = uuidv5(`${version}:${topic}:${kind}`, order.id);
    return { id, topic, key: order.id, headers: {}, payload: envelope(id, eventType, now, null, payload) };
  };
  const common = { userId: order.buyerId, priority: template.priority };
  const messages: OutgoingMessage[] = [];
  if (channels.includes('email') && email) {
    const body = mustache.render(FRAME, { ...values, body: mustache.render(template.body, values) });
    messages.push(message(Topic.NOTICE_EMAIL, 'OrderNotice', { ...common, to: email, subject: title, body }));
  }
  if (channels.includes('in-app')) {
    const says = { title, message: plain(template.message, values), type: 'order', category: 'order' };
    const where = { actionUrl: `/orders/${order.id}`, icon: 'receipt', appId: 'edulearn' };
    messages.push(message(Topic.NOTICE_IN_APP, 'OrderNotice', { ...common, ...says, ...where }));
  }
  return messages;
}

function valuesOf({ order, refund }: Pick<FullNotice, 'order' | 'refund'>) {
  return {
    number: order.number,
    total: amountOf(new Money(order.totalMinor, order.currency)),
    refund: refund && amountOf(new Money(refund.amountMinor, refund.currency)),
    items: order.currentItems.map(({ title, priceMinor, currency }) => ({
      title,
      price: amountOf(new Money(priceMinor, currency)),
    })),
  };
}

/** As people of the platform's country write amounts: ₹1,23,456.00. */
function amountOf({ minor, currency }: Money): string {
  const format = new Intl.NumberFormat('en-IN', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(Number(minor) / 10 ** digits);
}

/** Plain text is not HTML: nothing is escaped. */
const plain = (template: string, values: object): string =>
  mustache.render(template, values, undefined, { escape: (value: unknown) => String(value) });
