import type { ProviderSession } from '../entities/provider-session.js';
import type { CheckoutProvider } from '../entities/enums.js';
import type { LiveSession } from '../entities/session.js';
import type { ReturnUrls } from '../entities/payment-attempt.js';
import type { CourseOffer } from '../policies/pricing.js';

/** A neighbour does not answer, answers too late, or answers nonsense. Nothing is known about the effect of the call. */
export class NeighbourDown extends Error {
  override name = 'NeighbourDown';
  readonly service: string;
  /** False where it was spared the call, because it had failed before or too many were waiting: nothing new was learned. */
  readonly wasAsked: boolean;

  constructor(service: string, cause?: unknown, wasAsked = true) {
    super(`the ${service} service does not answer`, { cause });
    this.service = service;
    this.wasAsked = wasAsked;
  }
}

/** The payment service understood and said no. */
export class NeighbourRefused extends Error {
  override name = 'NeighbourRefused';
  /** The service's own code. */
  readonly code: string;

  constructor(service: string, code: string) {
    super(`the ${service} service refused: ${code}`);
    this.code = code;
  }
}

/** All calls below reject with NeighbourDown when the service cannot be asked. */
export interface UserDirectory {
  /** What the platform knows of a user; undefined when it knows none. */
  findUser(
    userId: string,
  ): Promise<{ readonly id: string; readonly blocked: boolean; readonly email: string } | undefined>;
}

/** A course with what decides whether it may be sold. */
export interface Course extends CourseOffer {
  readonly published: boolean;
}

/** The course service itself. */
export interface CourseSource {
  /** Courses by id, in one call; unknown ones are missing. */
  findCourses(ids: readonly string[]): Promise<ReadonlyMap<string, Course>>;
  /** Whether the user has the course already; false for a course that is unknown. */
  isEnrolled(courseId: string, userId: string): Promise<boolean>;
}

/** What orders are placed by. */
export interface CourseCatalogue extends CourseSource {
  /** Something about these courses has changed: what was remembered of them counts no more. */
  forget(ids: readonly string[]): Promise<void>;
}

export interface SessionDirectory {
  /** Undefined for a session that it does not know. */
  findSession(sessionId: string): Promise<LiveSession | undefined>;
}

export interface StartedPayment {
  readonly paymentId: string;
  readonly session: ProviderSession;
}

/** A payment as the payment service knows it. */
export interface KnownPayment {
  /** How it ended; undefined while it has not. */
  readonly end: 'succeeded' | 'failed' | 'cancelled' | 'expired' | undefined;
  /** Null before a provider was chosen. */
  readonly provider: CheckoutProvider | null;
  readonly providerOrderId: string | null;
  /** True where the service answers that it has no such payment; nothing else is known then. */
  readonly isUnknown?: boolean;
  /** The order that it pays, in lower case; undefined where the service does not say. */
  readonly orderId?: string | undefined;
  /** Minor units; undefined where the service does not say. */
  readonly amountMinor?: bigint | undefined;
  /** Three letters, in upper case; undefined where the service does not say. */
  readonly currency?: string | undefined;
}

/**
 * The payment service. Every key must be a UUID: the service remembers it across operations and answers a repeated call
 * with the first result. Calls reject with NeighbourRefused when it says no.
 */
export interface PaymentGateway {
  /** Creates a payment and a provider's session for it. */
  start(request: {
    readonly orderId: string;
    readonly buyerId: string;
    readonly provider: CheckoutProvider;
    readonly key: string;
    readonly returnUrls: ReturnUrls | null;
  }): Promise<StartedPayment>;
  /** Tells that the buyer has finished. The result comes as an event. */
  resolve(request: {
    readonly provider: CheckoutProvider;
    readonly providerOrderId: string;
    readonly razorpay: { readonly paymentId: string; readonly signature: string } | null;
    readonly key: string;
  }): Promise<void>;
  /** What the service knows of a payment; undefined where it does not offer the call. Rejects with NeighbourDown. */
  find(paymentId: string): Promise<KnownPayment | undefined>;
  /** Ends a payment. */
  cancel(request: {
    readonly provider: CheckoutProvider;
    readonly providerOrderId: string;
    readonly key: string;
  }): Promise<void>;
}

/** The neighbours, each behind one small interface. */
export interface Neighbours {
  readonly users: UserDirectory;
  readonly courses: CourseCatalogue;
  readonly payments: PaymentGateway;
  /** Undefined where the platform has no session service. */
  readonly sessions: SessionDirectory | undefined;
}
