import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildShop } from '../../../dev/shop/build-shop.js';
import { startProduct, type Product } from '../support/product.js';
import { people } from '../support/purchase-steps.js';

describe('given the product of npm start', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct();
  }, 60_000);
  afterAll(() => product.stop(), 30_000);

  const get = (path: string, init?: RequestInit) => fetch(`${product.pageUrl}${path}`, init);

  it.each(['/shop', '/shop/', '/shop/orders/of-somebody'])('then %s is the web page', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch('text/html');
    expect(await answer.text()).toContain('<div id="root">');
  });

  it('then what has its content’s hash in its name is kept for good, and the page is not', async () => {
    const page = await get('/shop/');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const [asset = ''] = /\/shop\/assets\/[\w-]+\.js/.exec(await page.text()) ?? [];
    expect((await get(asset)).headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it('then the page is told where the graph is, which lets it ask', async () => {
    const settings = (await (await get('/shop/settings.json')).json()) as Record<string, string>;
    expect(settings).toEqual({
      graphUrl: product.laptop.gatewayUrl,
      subscriptionsUrl: product.laptop.gatewayUrl.replace('http', 'ws'),
      razorpayUrl: '/pay/',
    });
    const headers = { origin: product.pageUrl, 'access-control-request-method': 'POST' };
    const answer = await fetch(product.laptop.gatewayUrl, { method: 'OPTIONS', headers });
    expect(answer.headers.get('access-control-allow-origin')).toBe(product.pageUrl);
  });

  it('then sample people sign in without a password, and nobody else', async () => {
    const known = (await (await get('/auth/people')).json()) as { id: string; email?: string }[];
    expect(known.map(({ id }) => id)).toContain(people.asha);
    expect(known.filter((person) => 'email' in person)).toEqual([]);
    const answer = await get(`/auth/people/${people.asha}/token`, { method: 'POST' });
    expect(await answer.json()).toEqual({ token: expect.any(String), expiresInSeconds: 900 });
    expect((await get(`/auth/people/${people.nobody}/token`, { method: 'POST' })).status).toBe(404);
  });

  it('then other addresses are not the page’s', async () => expect((await get('/nothing')).status).toBe(404));

  it('and a page that is up to date is not built again', async () => expect(await buildShop()).toBe(false));
});
