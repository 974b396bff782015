import { CheckoutProvider } from '../../src/entities/enums.js';
import type { ProviderSession } from '../../src/entities/provider-session.js';
import {
  NeighbourDown,
  NeighbourRefused,
  type Course,
  type KnownPayment,
  type Neighbours,
  type PaymentGateway,
} from '../../src/platform/neighbours.js';
import { Money } from '../../src/entities/money.js';
import type { LiveSession } from '../../src/entities/session.js';
import { idOf } from './ids.js';

type StartRequest = Parameters<PaymentGateway['start']>[0];

type Service = 'user' | 'course' | 'payment' | 'session';

/** The neighbours as plain memory behind their small interfaces. Every user exists; courses are added by name. */
export class StubNeighbours implements Neighbours {
  readonly blocked = new Set<string>();
  readonly unknownUsers = new Set<string>();
  readonly down = new Set<Service>();
  readonly catalogue = new Map<string, Course>();
  /** Courses of which it was said that they have changed. */
  readonly forgotten: string[] = [];
  /** Who has which course: `enrol`. */
  readonly #enrolled = new Set<string>();
  /** Every call to the payment service that changes something. */
  readonly calls: {
    readonly operation: 'start' | 'resolve' | 'cancel';
    readonly key: string;
    readonly orderId?: string;
  }[] = [];
  /** What the payment service says of payments; nothing of others. */
  readonly known = new Map<string, KnownPayment>();
  /** The code that the payment service refuses with. */
  refusal: string | undefined;
  /** What the provider is told to charge; null: the amount that `priceOf` says. */
  priceOf: (orderId: string) => string = () => '49900';
  /** Runs before a payment is started; may wait, or throw. */
  beforeStart: (request: StartRequest) => Promise<void> = async () => undefined;
  /** The live sessions that the session service knows. */
  readonly liveSessions = new Map<string, LiveSession>();

  readonly sessions = {
    findSession: async (id: string) => {
      this.#expectUp('session');
      return this.liveSessions.get(id);
    },
  };

  readonly users = {
    findUser: async (id: string) => {
      this.#expectUp('user');
      return this.unknownUsers.has(id) ? undefined : { id, blocked: this.blocked.has(id), email: `${id}@mail.example` };
    },
  };

  readonly courses = {
    findCourses: async (ids: readonly string[]) => {
      this.#expectUp('course');
      return new Map(ids.flatMap((id) => this.catalogue.get(id) ?? []).map((course) => [course.id, course]));
    },
    isEnrolled: async (courseId: string, userId: string) => {
      this.#expectUp('course');
      return this.#enrolled.has(`${courseId} ${userId}`);
    },
    forget: async (ids: readonly string[]) => void this.forgotten.push(...ids),
  };

  readonly payments: PaymentGateway = {
    start: async (request) => {
      this.calls.push({ operation: 'start', key: request.key, orderId: request.orderId });
      await this.beforeStart(request);
      this.#expectUp('payment');
      this.#expectConsent();
      // The same key is the same payment, as at the real service.
      return { paymentId: this.paymentIdOf(request.key), session: this.#session(request) };
    },
    resolve: async ({ key }) => {
      this.calls.push({ operation: 'resolve', key });
      this.#expectUp('payment');
      this.#expectConsent();
    },
    find: async (paymentId) => {
      this.#expectUp('payment');
      return this.known.get(paymentId);
    },
    cancel: async ({ key }) => {
      this.calls.push({ operation: 'cancel', key });
      this.#expectUp('payment');
      this.#expectConsent();
    },
  };

  /** Puts a course for 499 rupees on sale. @returns its id */
  addCourse(name: string, changes: Partial<Course> = {}): string {
    const id = idOf(name);
    const fixed = { id, title: name, instructorId: idOf(`teacher of ${name}`), price: 499, discountPrice: undefined };
    this.catalogue.set(id, { ...fixed, currency: 'INR', published: true, ...changes });
    return id;
  }

  /** A session with 2 seats for 199 rupees, of which no times are told. Again: the session is changed. @returns its id */
  addSession(name: string, changes: Partial<LiveSession> = {}): string {
    const id = idOf(name);
    const fixed = { id, title: name, price: new Money(19_900n, 'INR'), capacity: 2, startsAt: null, endsAt: null };
    const known = this.liveSessions.get(id) ?? { ...fixed, instructorId: idOf(`teacher of ${name}`) };
    this.liveSessions.set(id, { ...known, ...changes });
    return id;
  }

  /** Which payment a call under a key starts. */
  paymentIdOf(key: string): string {
    return idOf(`payment ${key}`);
  }

  enrol(courseId: string, userId: string): void {
    this.#enrolled.add(`${courseId} ${userId}`);
  }

  #expectUp(service: Service): void {
    if (this.down.has(service)) throw new NeighbourDown(service, new Error('stub is down'));
  }

  #expectConsent(): void {
    if (this.refusal) throw new NeighbourRefused('payment', this.refusal);
  }

  #session({ provider, orderId, key }: StartRequest): ProviderSession {
    const price = { amount: this.priceOf(orderId), currency: 'INR' };
    switch (provider) {
      case CheckoutProvider.STRIPE:
        return { provider, sessionId: `cs_${key}`, publicKey: 'pk', url: 'https://pay.example/', ...price };
      case CheckoutProvider.RAZORPAY:
        return { provider, orderId: `rzp_${key}`, keyId: 'rzp', ...price };
      case CheckoutProvider.PAYPAL:
        return { provider, orderId: `pp_${key}`, approvalLink: 'https://pay.example/', ...price };
    }
  }
}
