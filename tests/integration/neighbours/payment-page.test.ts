import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Provider } from '../../../src/generated/payment_common.js';
import { customerOf } from './customer.js';
import type { Stand } from './stand.js';
import { openStand } from './stand.js';

let stand: Stand;
let customer: ReturnType<typeof customerOf>;
beforeAll(async () => {
  stand = await openStand();
  customer = customerOf(stand);
});
afterAll(() => stand.close());

describe('the payment page', () => {
  const html = 'text/html,application/xhtml+xml';

  it('shows a payment with its buttons, escaped and without anything from outside', async () => {
    const { sessionId } = await customer.startPayment(Provider.STRIPE);
    const list = await fetch(stand.neighbours.pageUrl, { headers: { accept: html } });
    expect(await list.text()).toContain(`href="/pay/${sessionId}"`);
    const response = await fetch(`${stand.neighbours.pageUrl}/pay/${sessionId}`, { headers: { accept: html } });
    const text = await response.text();
    expect(text).toContain('USD 5.87');
    for (const action of ['approve', 'decline', 'cancel', 'timeout']) {
      expect(text).toContain(`action="/pay/${sessionId}/${action}"`);
    }
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
    const done = await customer.press(sessionId, 'approve', html);
    expect(done.text).toContain('Paid.');
    expect(done.text).toContain('href="https://shop.test/ok?a=1&amp;b=2"');
  });

  it('links back to the web only', async () => {
    const { sessionId } = await customer.startPayment(Provider.STRIPE);
    const { text } = await customer.press(sessionId, 'cancel', html);
    expect(text).toContain('Cancelled by the buyer.');
    expect(text).not.toContain('javascript:');
  });

  it('does not know other sessions and actions', async () => {
    expect((await customer.press('nothing', 'approve')).code).toBe(404);
    const { text, code } = await customer.press('<script>', 'steal', html);
    expect(code).toBe(404);
    expect(text).not.toContain('<script>');
  });

  it('takes a form as a browser sends it', async () => {
    const { sessionId } = await customer.startPayment(Provider.STRIPE);
    const response = await fetch(`${stand.neighbours.pageUrl}/pay/${sessionId}/decline`, {
      method: 'POST',
      headers: { accept: html, 'content-type': 'application/x-www-form-urlencoded' },
      body: '',
    });
    expect([response.status, (await response.text()).includes('Declined')]).toEqual([200, true]);
  });
});
