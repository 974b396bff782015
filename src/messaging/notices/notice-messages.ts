import mustache from 'mustache';
import { v5 as uuidv5 } from 'uuid';
import { Money } from '../../entities/money.js';
import type { BookingNotice, FullNotice, OrderNotice } from '../../entities/notice.js';
import type { OutgoingMessage } from '../../persistence/outbox-message.js';
import { envelope } from '../envelope.js';
import { Topic } from '../topics.js';
import { FRAME, NOTICES } from './templates.js';

/** How buyers are told. */
export type NoticeChannel = 'email' | 'in-app';

/** Whom a notice is for, and where it leads. */
interface Addressed {
  readonly userId: string;
  /** The order or booking: the key of its messages. */
  readonly id: string;
  readonly path: string;
  readonly icon: string;
  readonly type: string;
}

/** The messages that ask the platform's notification service to tell a buyer. Pure; ids are the same in every repeat. */
export function noticeMessages(notice: FullNotice, channels: readonly NoticeChannel[], now: Date): OutgoingMessage[] {
  const { kind, version, email } = notice;
  const { id: key, userId, path, icon, type } = addressOf(notice);
  const template = NOTICES[kind];
  const values = 'order' in notice ? orderValues(notice) : bookingValues(notice);
  const title = plain(template.title, values);
  const message = (topic: string, eventType: string, payload: object): OutgoingMessage => {
    const id = uuidv5(`${version}:${topic}:${kind}`, key);
    return { id, topic, key, headers: {}, payload: envelope(id, eventType, now, null, payload) };
  };
  const common = { userId, priority: template.priority };
  const messages: OutgoingMessage[] = [];
  if (channels.includes('email') && email) {
    const body = mustache.render(FRAME, { ...values, body: mustache.render(template.body, values) });
    messages.push(message(Topic.NOTICE_EMAIL, 'OrderNotice', { ...common, to: email, subject: title, body }));
  }
  if (channels.includes('in-app')) {
    const says = { title, message: plain(template.message, values), type, category: type };
    const where = { actionUrl: path, icon, appId: 'edulearn' };
    messages.push(message(Topic.NOTICE_IN_APP, 'OrderNotice', { ...common, ...says, ...where }));
  }
  return messages;
}

function addressOf(notice: FullNotice): Addressed {
  if ('order' in notice) {
    const { id, buyerId: userId } = notice.order;
    return { id, userId, path: `/orders/${id}`, icon: 'receipt', type: 'order' };
  }
  const { id, attendeeId: userId } = notice.booking;
  return { id, userId, path: `/sessions/bookings/${id}`, icon: 'calendar', type: 'session' };
}

function orderValues({ order, refund }: OrderNotice) {
  return {
    about: `order ${order.number}`,
    number: order.number,
    total: amountOf(new Money(order.totalMinor, order.currency)),
    refund: refund && amountOf(new Money(refund.amountMinor, refund.currency)),
    items: order.currentItems.map(({ title, priceMinor, currency }) => ({
      title,
      price: amountOf(new Money(priceMinor, currency)),
    })),
  };
}

function bookingValues({ booking, payUntil }: BookingNotice) {
  const title = booking.title ?? 'your live session';
  const { priceMinor, currency } = booking;
  return {
    about: title,
    title,
    price: amountOf(new Money(priceMinor, currency)),
    payUntil: payUntil && timeOf(payUntil),
  };
}

const TIME = new Intl.DateTimeFormat('en-IN', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** A moment for people: where they are is not known, so it is told in UTC. */
const timeOf = (at: Date): string => `${TIME.format(at)} UTC`;

/** As people of the platform's country write amounts: ₹1,23,456.00. */
function amountOf({ minor, currency, decimalPlaces }: Money): string {
  const digits = { minimumFractionDigits: decimalPlaces, maximumFractionDigits: decimalPlaces };
  const format = new Intl.NumberFormat('en-IN', { style: 'currency', currency, ...digits });
  return format.format(Number(minor) / 10 ** decimalPlaces);
}

/** Plain text is not HTML: nothing is escaped. */
const plain = (template: string, values: object): string =>
  mustache.render(template, values, undefined, { escape: (value: unknown) => String(value) });
