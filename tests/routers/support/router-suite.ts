import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Status } from 'nice-grpc';
import { purchaseSuite } from '../../e2e/purchase-suite.js';
import { startProduct, type Product } from '../../e2e/support/product.js';
import { people } from '../../e2e/support/purchase-steps.js';
import { placeFor, type RouterPlace, type TestedRouter } from './routers.js';

/** What every router must do for clients: a whole purchase, and the errors of the orders subgraph as it wrote them. */
export function routerSuite(router: TestedRouter): void {
  const where = router.program() ? describe : describe.skip;
  where(`a purchase through ${router.name}`, () => {
    let place: RouterPlace;
    const takePlace = async () => (place = await placeFor(router)).env;
    purchaseSuite(takePlace, { startRouter: () => place.start(), streams: router.streams });
  });
  where(`errors through ${router.name}`, () => errorSuite(router));
}

function errorSuite(router: TestedRouter): void {
  let product: Product;
  beforeAll(async () => {
    const place = await placeFor(router);
    product = await startProduct(place.env, place.start);
  }, 60_000);
  afterAll(() => product.stop(), 30_000);

  it('when the orders subgraph refuses, then its code and its message come to the client', async () => {
    const { data, errors } = await product.anonymous().ask('{ myOrders { nodes { id } } courses { title } }');
    expect(data.myOrders).toBeNull();
    expect(data.courses.length).toBeGreaterThan(0);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({ path: ['myOrders'], extensions: { code: 'UNAUTHENTICATED' } });
    expect(errors?.[0]?.message).toMatch(/sign|token/i);
  });

  (router.streams ? it : it.skip)('when a query comes over a WebSocket, then its token counts', async () => {
    const asked = (await product.as(people.asha)).follow('{ me { name } myOrders { totalCount } }');
    await asked.ended;
    expect(asked.answers).toEqual([{ data: { me: { name: 'Asha Rao' }, myOrders: { totalCount: 0 } } }]);
  });

  it('when a neighbour does not answer, then the client learns when to try again', async () => {
    product.neighbours.session.faults = { status: Status.UNAVAILABLE };
    const asha = await product.as(people.asha);
    const { errors } = await asha.ask('{ session(id: "ae97ba94-d0ed-482f-8f6d-05584ef8aa38") { title } }');
    product.neighbours.session.faults = {};
    expect(errors?.map(({ extensions }) => [extensions.code, extensions.retryAfterSeconds])).toEqual([
      ['SERVICE_UNAVAILABLE', 5],
    ]);
  });

  it('when another team’s subgraph fails, then only its fields are missing', async () => {
    product.neighbours.user.faults = { status: Status.INTERNAL };
    const { data, errors } = await (await product.as(people.asha)).ask('{ me { name } myOrders { totalCount } }');
    product.neighbours.user.faults = {};
    expect(data).toEqual({ me: null, myOrders: { totalCount: 0 } });
    expect(errors).toHaveLength(1);
  });
}
