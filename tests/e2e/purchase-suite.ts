import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { startProduct, type Product, type Router } from './support/product.js';
import type { Answer, Graph } from './support/graph.js';
import { FOLLOW, people, PLACE, placeAndStart, SHOW, START, untilOrder } from './support/purchase-steps.js';

const FEDERATION = '8d116ece-1738-47d9-bd9c-172411e20b8f';
const POSTGRES = '90c192cf-d3ac-44af-8f21-ddb66cad4a26';
const OBSERVABILITY = '0cb1e29c-658c-4a14-95e6-0af593bd04cf';

type Change = { version: number; type: string | null; to: string; snapshot: boolean; ends: string | null };
const changes = (answers: readonly Answer[]): Change[] => answers.map(({ data }) => data.orderStatusChanged);

type Settings = Readonly<Record<string, string>>;

/** Through what a purchase is made. */
export interface Door {
  /** What clients ask; the laptop's gateway unless it is another. */
  readonly startRouter?: () => Promise<Router>;
  /** Whether subscriptions come through it; true unless it says false. */
  readonly streams?: boolean;
}

/** The purchase from end to end through the gateway or another router, the same for embedded and for real parts. */
export function purchaseSuite(
  env: () => Settings | Promise<Settings>,
  { startRouter, streams = true }: Door = {},
): void {
  const whereStreams = streams ? it : it.skip;
  let product: Product;
  let asha: Graph;
  let ben: Graph;

  beforeAll(async () => {
    product = await startProduct(await env(), startRouter);
    [asha, ben] = [await product.as(people.asha), await product.as(people.ben)];
  }, 60_000);
  afterAll(() => product.stop(), 30_000);

  describe('given a buyer who finds courses of two instructors in the graph', () => {
    it('when the order is placed, paid and approved, then the buyer owns them and everything says so', async () => {
      const found = await asha.ask('{ courses { id title price discountPrice currency viewerHasPurchased } }');
      expect(found.data.courses).toContainEqual(
        expect.objectContaining({
          id: FEDERATION,
          price: 999,
          discountPrice: 499,
          currency: 'INR',
          viewerHasPurchased: false,
        }),
      );

      const placed = await asha.ask(PLACE, { input: { courseIds: [OBSERVABILITY, FEDERATION] } });
      expect(placed.data.placeOrder).toMatchObject({
        __typename: 'PlaceOrderSuccess',
        replayed: false,
        order: { status: 'PENDING_PAYMENT', version: 1, total: { amount: 179_800, currency: 'INR' } },
      });
      const { id } = placed.data.placeOrder.order;
      const during = streams ? asha.follow(FOLLOW, { id }) : undefined;
      if (during) await eventually(() => during.answers.length > 0);

      const started = await asha.ask(START, { input: { orderId: id, provider: 'STRIPE' } });
      expect(started.data.startPayment).toMatchObject({
        __typename: 'StartPaymentSuccess',
        replayed: false,
        payment: { status: 'PENDING', provider: 'STRIPE', amount: { amount: 179_800, currency: 'INR' } },
        session: { __typename: 'StripeSession' },
      });
      const { sessionId } = started.data.startPayment.session;
      const again = await asha.ask(START, { input: { orderId: id, provider: 'STRIPE' } });
      expect(again.data.startPayment).toMatchObject({ replayed: true, session: { sessionId } });

      await product.press('approve', sessionId);
      const order = await untilOrder(asha, id, 'SUCCEEDED', 'FULFILLED');
      expect(order).toMatchObject({
        buyer: { id: people.asha, name: 'Asha Rao' },
        subtotal: { amount: 229_800 },
        discount: { amount: 50_000 },
        captured: { amount: 179_800 },
        refunded: { amount: 0 },
        expiresAt: null,
        items: [
          {
            kind: 'COURSE',
            productId: OBSERVABILITY,
            title: 'Observability in Practice',
            fulfilment: 'FULFILLED',
            price: { amount: 129_900 },
          },
          {
            productId: FEDERATION,
            listPrice: { amount: 99_900 },
            discount: { amount: 50_000 },
            price: { amount: 49_900 },
          },
        ],
        payments: [{ provider: 'STRIPE', status: 'SUCCEEDED', amount: { amount: 179_800, currency: 'INR' } }],
      });
      // The payment's own news may overtake the answer of the call, which then stands in the timeline by itself.
      const types = order.timeline.map(({ type }: { type: string }) => type);
      expect(types.filter((type: string) => type !== 'PAYMENT_ATTACHED')).toEqual([
        'PLACED',
        'PAYMENT_REQUESTED',
        'PAYMENT_INITIATED',
        'PAYMENT_SUCCEEDED',
        'SUCCEEDED',
        'ITEM_FULFILLED',
        'ITEM_FULFILLED',
        'FULFILLED',
      ]);
      const versions = order.timeline.map(({ version }: { version: number }) => version);
      expect(versions).toEqual(Array.from({ length: order.version }, (_, i) => i + 1));

      const owned = await asha.ask(
        `query ($id: ID!) { me { hasPurchased(courseId: $id) orders { nodes { id } totalCount } } course(id: $id) { viewerHasPurchased viewerOrder { id } } }`,
        { id: FEDERATION },
      );
      expect(owned).toEqual({
        data: {
          me: { hasPurchased: true, orders: { nodes: [{ id }], totalCount: 1 } },
          course: { viewerHasPurchased: true, viewerOrder: { id } },
        },
      });

      if (!during) return;
      await during.ended;
      const seen = changes(during.answers);
      expect(seen[0]).toMatchObject({ snapshot: true, version: 1, to: 'PENDING_PAYMENT' });
      expect(seen.slice(1).map(({ version }) => version)).toEqual(versions.slice(1));
      expect(seen.at(-1)).toMatchObject({ type: 'FULFILLED', ends: 'COMPLETE' });
    });

    whereStreams(
      'when a stream begins after everything has happened, then it has every event, and a snapshot where nothing is new',
      async () => {
        const { data } = await asha.ask('{ myOrders { nodes { id version } } }');
        const [{ id, version }] = data.myOrders.nodes;
        const all = asha.follow(FOLLOW, { id, after: 0 });
        expect(await all.ended).toBeUndefined();
        expect(changes(all.answers).map((change) => change.version)).toEqual(
          Array.from({ length: version }, (_, i) => i + 1),
        );
        const nothing = asha.follow(FOLLOW, { id, after: version });
        expect(await nothing.ended).toBeUndefined();
        expect(changes(nothing.answers)).toEqual([
          expect.objectContaining({ snapshot: true, version, ends: 'COMPLETE' }),
        ]);
      },
    );

    it('when another student asks for the order, then it looks like a missing one', async () => {
      const { data } = await asha.ask('{ myOrders { nodes { id number } } }');
      const [{ id, number }] = data.myOrders.nodes;
      expect(await ben.ask(SHOW, { id })).toEqual({ data: { order: null } });
      expect((await ben.ask(`{ orderByNumber(number: "${number}") { id } }`)).data.orderByNumber).toBeNull();
    });

    whereStreams('when another student follows the order, then the stream is refused', async () => {
      const { data } = await asha.ask('{ myOrders { nodes { id } } }');
      const stream = ben.follow(FOLLOW, { id: data.myOrders.nodes[0].id });
      await stream.ended;
      expect(
        stream.answers.map(({ data: shown, errors }) => [shown ?? null, errors?.map((one) => one.extensions.code)]),
      ).toEqual([[null, ['NOT_FOUND']]]);
    });
  });

  describe('given messages of the platform', () => {
    it('then the order was announced once for each instructor, with that instructor’s amount', async () => {
      const enrolments = await eventually(
        () => product.sql<{ course_id: string; order_price: string }>('select * from neighbours.enrolments'),
        (rows) => rows.length === 2,
      );
      expect(enrolments.map(({ course_id }) => course_id).sort()).toEqual([OBSERVABILITY, FEDERATION].sort());
      expect(
        await eventually(
          () => product.sql('select 1 from outbox'),
          (rows) => rows.length === 0,
        ),
      ).toEqual([]);
    });
  });

  describe('given payments that do not succeed', () => {
    it.each([
      ['decline', 'FAILED', 'PAYMENT_DECLINED', 'FAILED'],
      ['cancel', 'FAILED', 'PAYMENT_CANCELLED', 'CANCELLED'],
      ['timeout', 'PENDING_PAYMENT', 'PAYMENT_TIMED_OUT', 'EXPIRED'],
    ] as const)('when the buyer lets it %s, then the order is %s', async (button, status, statusReason, payment) => {
      const { orderId, session } = await placeAndStart(ben, [POSTGRES]);
      await untilOrder(ben, orderId, 'PROCESSING');
      await product.press(button, session);
      const order = await untilOrder(ben, orderId, status);
      expect(order).toMatchObject({ statusReason, captured: { amount: 0 }, payments: [{ status: payment }] });
      if (status === 'PENDING_PAYMENT') await finish(orderId);
    });

    async function finish(orderId: string) {
      const started = await ben.ask(START, { input: { orderId, provider: 'STRIPE' } });
      await product.press('approve', started.data.startPayment.session.sessionId);
      const order = await untilOrder(ben, orderId, 'SUCCEEDED', 'FULFILLED');
      expect(order.payments.map(({ status }: { status: string }) => status)).toEqual(['EXPIRED', 'SUCCEEDED']);
    }
  });
}
