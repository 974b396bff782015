import type { Pool } from 'pg';
import type { Bus } from '../../src/messaging/bus/bus.js';
import type { SampleData } from '../sample/sample-data.js';
import type { ShopOptions } from '../shop/shop-routes.js';
import type { CourseService } from './course-service/course-service.js';
import { startCourseService } from './course-service/course-service.js';
import { TOPICS } from './events.js';
import type { NeighbourService } from './grpc/serve.js';
import type { Log } from './log.js';
import type { PageWeb } from './page/payment-page.js';
import { startPaymentPage } from './page/payment-page.js';
import { createOrderLookup } from './payment-service/order-lookup.js';
import type { PaymentDesk } from './payment-service/payment-desk.js';
import { expirePayments } from './payment-service/payment-desk.js';
import { consumeRefundRequests } from './payment-service/refunds.js';
import { startPaymentService } from './payment-service/payment-service.js';
import { startSessionService } from './session-service/session-service.js';
import type { SessionDesk } from './session-service/session-state.js';
import { startLoop } from './store/loop.js';
import { startOutboxPublisher } from './store/outbox.js';
import { prepareSchema } from './store/schema.js';
import { startUserService } from './user-service/user-service.js';

const LOOPBACK = '127.0.0.1';
const PAYMENT_LIFE_MS = 600_000;
const LONGEST_SWEEP_PAUSE_MS = 1_000;
const STOP_LIMIT_MS = 900;

export interface NeighboursOptions {
  /** Holds the state of the stand-ins, in the schema `neighbours`. Stays open when they stop. */
  readonly pool: Pool;
  readonly bus: Bus;
  readonly sample: SampleData;
  /** host:port, called by the payment service. */
  readonly orderServiceAddress: string;
  readonly paymentContract: 'v1' | 'v2';
  /** 0 takes a free port. */
  readonly ports: Readonly<Record<'user' | 'course' | 'session' | 'payment' | 'page', number>>;
  /** The host in links to the payment page. Default 127.0.0.1. */
  readonly pageHost?: string;
  /** The address to listen on. Default 127.0.0.1. */
  readonly bindHost?: string;
  /** How long a payment stays pending, ms. Default 10 minutes. */
  readonly paymentLifeMs?: number;
  /** False where another course service enrols. Default true. */
  readonly enrols?: boolean;
  /** False where another payment service gives money back. Default true. */
  readonly refunds?: boolean;
  /** The web page and its sign-in beside the payment page, where they are wanted. */
  readonly web?: { readonly shop: ShopOptions; readonly jwtSecret: string };
  readonly log: Log;
}

export interface Neighbours {
  /** host:port of each. */
  readonly addresses: Readonly<Record<'user' | 'course' | 'session' | 'payment', string>>;
  /** Where the payment page is, without a slash at the end. */
  readonly pageUrl: string;
  // Each can be made slow, dead or mad through its `faults`.
  readonly user: NeighbourService;
  readonly course: CourseService;
  readonly session: NeighbourService;
  readonly payment: NeighbourService;
  /** Ends within a second; what has not been sent stays in the outbox. */
  stop(): Promise<void>;
}

type Stop = () => void | Promise<void>;

/** Starts the stand-ins of the platform's services. A start that fails stops what it has started. */
export async function startNeighbours(options: NeighboursOptions): Promise<Neighbours> {
  const stops: Stop[] = [];
  const stop = () => stopAll(stops, options.log);
  try {
    return { ...(await startAll(options, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(options: NeighboursOptions, stops: Stop[]): Promise<Omit<Neighbours, 'stop'>> {
  const { pool, bus, sample, ports, log, bindHost: host = LOOPBACK } = options;
  await prepareSchema(pool);
  await bus.ensureTopics(TOPICS);
  const outbox = startOutboxPublisher(pool, bus, log);
  stops.push(outbox.stop);
  const wakeOutbox = outbox.wake;
  const sessions = { pool, sample: new Map(sample.sessions.map((each) => [each.id, each])), wakeOutbox };
  const { desk, pageUrl } = await openDesks(options, sessions, wakeOutbox, stops);

  const payment = await startPaymentService({ host, port: ports.payment }, options.paymentContract, desk);
  stops.push(payment.stop);
  if (options.refunds ?? true) {
    const refundRequests = await consumeRefundRequests(bus, pool, log);
    stops.push(() => refundRequests.stop());
  }
  const user = await startUserService({ host, port: ports.user }, sample.users, log);
  stops.push(user.stop);
  const session = await startSessionService({ host, port: ports.session }, sessions, log);
  stops.push(session.stop);
  const place = { host, port: ports.course };
  const course = await startCourseService({
    place,
    pool,
    bus,
    sample,
    log,
    wakeOutbox,
    enrols: options.enrols ?? true,
  });
  stops.push(course.stop, course.stopConsuming);
  const addresses = {
    user: user.address,
    course: course.address,
    session: session.address,
    payment: payment.address,
  };
  return { addresses, pageUrl, user, course, session, payment };
}

/** Opens the page, where payments and sessions are acted on, and the desk of the payment service behind it. */
async function openDesks(
  options: NeighboursOptions,
  sessions: SessionDesk,
  wakeOutbox: () => void,
  stops: Stop[],
): Promise<{ desk: PaymentDesk; pageUrl: string }> {
  const { pool, ports, log, pageHost = LOOPBACK, bindHost = LOOPBACK, paymentLifeMs = PAYMENT_LIFE_MS } = options;
  const orders = createOrderLookup(options.orderServiceAddress, log);
  stops.push(orders.close);
  const common = { pool, orders, lifeMs: paymentLifeMs, log, wakeOutbox };
  const page = await startPaymentPage(bindHost, ports.page, { payments: common, sessions }, webOf(options));
  stops.push(page.stop);
  const pageUrl = `http://${pageHost}:${page.port}`;
  const desk: PaymentDesk = { ...common, pageUrl };
  const sweep = startLoop({
    name: 'ending old payments',
    round: () => expirePayments(desk),
    idleMs: Math.min(LONGEST_SWEEP_PAUSE_MS, paymentLifeMs / 4),
    log,
  });
  stops.push(sweep.stop);
  return { desk, pageUrl };
}

function webOf({ web, sample }: NeighboursOptions): PageWeb | undefined {
  return web && { shop: web.shop, signIn: { people: sample.users, jwtSecret: web.jwtSecret } };
}

/** In reverse order of starting, so that the outbox is the last to go. */
async function stopAll(stops: Stop[], log: Log): Promise<void> {
  const inTurn = async () => {
    for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
  };
  const stopped = inTurn().then(() => true);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, STOP_LIMIT_MS, false);
  });
  if (!(await Promise.race([stopped, limit]))) log({ level: 'warn', message: 'neighbours: a part is slow to stop' });
  clearTimeout(timer);
}
