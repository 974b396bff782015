import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Status } from 'nice-grpc';
import type { Faults } from '../../dev/neighbours/grpc/faults.js';
import { eventually } from '../support/eventually.js';
import type { Graph } from './support/graph.js';
import { noRows, type NoRows } from './support/no-rows.js';
import { startProduct, type Product } from './support/product.js';
import { people, PLACE } from './support/purchase-steps.js';

const FEDERATION = '8d116ece-1738-47d9-bd9c-172411e20b8f';

describe('given neighbours in trouble, placing answers ServiceUnavailable in time and leaves no row', () => {
  let product: Product;
  let ben: Graph;
  let refused: NoRows['refused'];

  beforeAll(async () => {
    product = await startProduct({ NEIGHBOUR_TIMEOUT_MS: '1500' });
    ({ refused } = noRows(product));
    ben = await product.as(people.ben);
  }, 60_000);
  afterAll(() => product.stop(), 30_000);

  const services = ['user', 'course'] as const;
  const troubles: [string, Faults][] = [
    ['down', { status: Status.UNAVAILABLE }],
    ['slow', { delayMs: 6_000 }],
    ['answering nothing', { garbage: 'empty' }],
    ['answering nonsense', { garbage: 'bytes' }],
  ];
  afterEach(() => {
    for (const name of services) product.neighbours[name].faults = {};
  });

  it.each(services.flatMap((service) => troubles.map(([name, faults]) => [service, name, faults] as const)))(
    'the %s service %s',
    async (service, _name, faults) => {
      product.neighbours[service].faults = faults;
      const since = performance.now();
      expect(await refused(ben, { courseIds: [FEDERATION] })).toMatchObject({
        __typename: 'ServiceUnavailable',
        service,
      });
      expect(performance.now() - since).toBeLessThan(6_000);
    },
  );

  it('and goes on by itself when the trouble is over', async () => {
    product.neighbours.course.faults = { status: Status.UNAVAILABLE };
    for (let i = 0; i < 12; i++) await refused(ben, { courseIds: [FEDERATION] });
    product.neighbours.course.faults = {};
    await eventually(
      async () => (await ben.ask(PLACE, { input: { courseIds: [FEDERATION] } })).data.placeOrder.__typename,
      (answer) => answer === 'PlaceOrderSuccess',
    );
  });
});
