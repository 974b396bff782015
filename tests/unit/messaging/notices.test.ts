import { beforeAll, describe, expect, test } from '@jest/globals';
import { Money } from '../../../src/entities/money.js';
import type { OrderNotice } from '../../../src/entities/notice.js';
import type { OrderRefund } from '../../../src/entities/order-refund.js';
import { noticeMessages } from '../../../src/messaging/notices/notice-messages.js';
import { BUYER, knowEntities, placedOrder, pricedItem } from '../../support/orders.js';
import { T0 } from '../../support/test-clock.js';

beforeAll(knowEntities);

const notice = (changes: Partial<OrderNotice> = {}): OrderNotice => ({
  kind: 'RECEIPT',
  version: 3,
  order: placedOrder([pricedItem('Algebra', 12_345_678n), pricedItem('<b>Sets</b> & "Logic"')]),
  refund: null,
  email: 'buyer@mail.example',
  ...changes,
});
const both = ['email', 'in-app'] as const;
const sent = (changes: Partial<OrderNotice> = {}, channels: readonly ('email' | 'in-app')[] = both) =>
  noticeMessages(notice(changes), channels, T0).map((message) => ({
    ...message,
    value: JSON.parse(message.payload) as { eventId: string; payload: Record<string, string> },
  }));

describe('a receipt', () => {
  test('goes out by e-mail with every item and the total, escaped', () => {
    const [email] = sent();
    expect(email).toMatchObject({ topic: 'notification.channel.email.v1', key: notice().order.id });
    expect(email?.value.payload).toMatchObject({ to: 'buyer@mail.example', userId: BUYER, priority: 'normal' });
    expect(email?.value.payload['subject']).toBe(`Receipt for order ${notice().order.number}`);
    const body = email?.value.payload['body'] ?? '';
    expect(body).toContain('₹1,23,456.78');
    expect(body).toContain('₹1,23,955.78');
    expect(body).toContain('&lt;b&gt;Sets&lt;&#x2F;b&gt; &amp; &quot;Logic&quot;');
    expect(body).not.toContain('<b>');
  });

  test.each([
    ['HUF', 'HUF 12,345.60'],
    ['JPY', 'JP¥12,34,560'],
    ['KWD', 'KWD 1,234.560'],
    ['VED', 'VED 12,345.60'],
    ['ZZZ', 'ZZZ 12,345.60'],
  ])('writes amounts in %s with the decimal places of ISO 4217', (currency, written) => {
    const price = new Money(1_234_560n, currency);
    const order = placedOrder([pricedItem('Algebra', 1_234_560n, { listPrice: price, price })]);
    const [, inApp] = sent({ order });
    expect(inApp?.value.payload['message']?.replaceAll('\u00a0', ' ')).toContain(written);
  });

  test('and in the app, as plain text', () => {
    const [, inApp] = sent();
    expect(inApp).toMatchObject({ topic: 'notification.channel.in-app.v1' });
    expect(inApp?.value.payload).toEqual({
      userId: BUYER,
      priority: 'normal',
      title: `Receipt for order ${notice().order.number}`,
      message: `Your order ${notice().order.number} over ₹1,23,955.78 is paid.`,
      type: 'order',
      category: 'order',
      actionUrl: `/orders/${notice().order.id}`,
      icon: 'receipt',
      appId: 'edulearn',
    });
  });

  test('has the same event ids in every repeat, others for another version or channel', () => {
    const ids = (version: number) => sent({ version }).map(({ value }) => value.eventId);
    expect(ids(3)).toEqual(ids(3));
    expect(new Set([...ids(3), ...ids(4)]).size).toBe(4);
    expect(sent().map(({ id }) => id)).toEqual(ids(3));
  });
});

test.each([
  [both, 'a@b.example', ['email', 'in-app']],
  [['email'] as const, 'a@b.example', ['email']],
  [['in-app'] as const, 'a@b.example', ['in-app']],
  [[], 'a@b.example', []],
  [both, null, ['in-app']],
])('over %j to the address %s: %j', (channels, email, expected) => {
  expect(sent({ email }, channels).map(({ topic }) => topic.split('.')[2])).toEqual(expected);
});

test.each([
  ['PAYMENT_FAILED', 'high', /failed; no money was taken/],
  ['EXPIRED', 'normal', /was not paid in time/],
  ['REFUND', 'normal', /₹499.00 of your order EL-\S+ were given back/],
] as const)('%s', (kind, priority, words) => {
  const refund = { amountMinor: 49_900n, currency: 'INR' } as OrderRefund;
  const [email, inApp] = sent({ kind, refund });
  expect([email?.value.payload['priority'], inApp?.value.payload['priority']]).toEqual([priority, priority]);
  expect(email?.value.payload['body']).toMatch(words);
  for (const { payload } of sent({ kind, refund })) expect(payload).not.toMatch(/\{\{|undefined|null/);
});
