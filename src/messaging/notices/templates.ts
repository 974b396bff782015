import type { NoticeKind } from '../../entities/notice.js';

/** What a notice says, in Mustache: values in `{{ }}` are escaped in the e-mail's HTML. */
export interface NoticeTemplate {
  /** Subject of the e-mail and title in the app: plain text. */
  readonly title: string;
  /** One sentence in the app: plain text. */
  readonly message: string;
  /** Body of the e-mail: HTML, between the common head and foot. */
  readonly body: string;
  readonly priority: 'normal' | 'high';
}

const ITEMS = `
<table>
{{#items}}  <tr><td>{{title}}</td><td align="right">{{price}}</td></tr>
{{/items}}  <tr><td>Total</td><td align="right"><strong>{{total}}</strong></td></tr>
</table>`;

/** Each kind of notice in its words. */
export const NOTICES: Readonly<Record<NoticeKind, NoticeTemplate>> = {
  RECEIPT: {
    title: 'Receipt for order {{number}}',
    message: 'Your order {{number}} over {{total}} is paid.',
    body: `<p>Thank you! Your order {{number}} is paid.</p>${ITEMS}`,
    priority: 'normal',
  },
  PAYMENT_FAILED: {
    title: 'The payment of order {{number}} failed',
    message: 'The payment of order {{number}} failed. You can try again.',
    body: `<p>The payment of your order {{number}} failed; no money was taken. You can try again.</p>${ITEMS}`,
    priority: 'high',
  },
  EXPIRED: {
    title: 'Order {{number}} has expired',
    message: 'Order {{number}} was not paid in time. You can restore it.',
    body: `<p>Your order {{number}} was not paid in time and has expired. You can restore it.</p>${ITEMS}`,
    priority: 'normal',
  },
  REFUND: {
    title: 'Refund for order {{number}}',
    message: '{{refund}} of order {{number}} were given back.',
    body: '<p>{{refund}} of your order {{number}} were given back to where you paid from.</p>',
    priority: 'normal',
  },
  SEAT_OFFERED: {
    title: 'A seat is free: {{title}}',
    message: 'A seat in {{title}} is yours until {{payUntil}} if you pay {{price}} by then.',
    body: `<p>You were first in line: a seat in {{title}} is held for you.</p>
<p>Pay {{price}} until <strong>{{payUntil}}</strong>; then it goes to the next in line.</p>`,
    priority: 'high',
  },
  SEAT_GIVEN: {
    title: 'You have a seat: {{title}}',
    message: 'You were first in line: a seat in {{title}} is yours.',
    body: '<p>You were first in line: a seat in {{title}} is yours. If you cannot come, cancel it for the next in line.</p>',
    priority: 'high',
  },
  BOOKING_CANCELLED: {
    title: 'Your booking was cancelled: {{title}}',
    message: 'Your seat in {{title}} was cancelled. What you paid comes back.',
    body: '<p>Your seat in {{title}} was cancelled. If you have paid for it, the money comes back to where you paid from.</p>',
    priority: 'high',
  },
};

/** Around every e-mail. */
export const FRAME = `<!doctype html>
<html lang="en"><body>
{{{body}}}
<p>EduLearn · {{about}}</p>
</body></html>`;
