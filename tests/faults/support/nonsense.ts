import { randomUUID } from 'node:crypto';
import { createServer, ServerError, Status, type ServerMiddlewareCall, type CallContext } from 'nice-grpc';
import { CourseServiceDefinition, EnrollmentServiceDefinition } from '../../../src/generated/course_service.js';
import { PaymentServiceDefinition } from '../../../src/generated/payment_service.js';
import { UserServiceDefinition } from '../../../src/generated/user_service.js';

/** A server in the place of any neighbour, whose answers make no sense. */
export interface Nonsense {
  /** host:port */
  readonly address: string;
  stop(): void;
}

const GARBAGE_STATUSES = [Status.INTERNAL, Status.UNKNOWN, Status.DATA_LOSS];
const COURSE = { title: 'A course', instructorId: randomUUID(), price: 1, currency: 'INR', status: 'published' };
const NOTHING = async () => ({});

/** Every other call is answered by a status that says nothing; the rest by wrong ids or by messages that lack something. */
export async function startNonsense(): Promise<Nonsense> {
  let calls = 0;
  const server = createServer().use(async function* <Request, Response>(
    call: ServerMiddlewareCall<Request, Response>,
    context: CallContext,
  ) {
    const number = calls++;
    if (number % 2) throw new ServerError(GARBAGE_STATUSES[number % GARBAGE_STATUSES.length] as Status, '?!');
    return yield* call.next(call.request, context);
  });
  server.add(UserServiceDefinition, {
    getUser: async () => ({ result: { $case: 'user', value: { id: randomUUID(), status: '?!' } } }),
    listUsersByIds: NOTHING,
  });
  server.add(CourseServiceDefinition, {
    getCoursesByIds: async ({ courseIds }) => {
      const isAnother = calls % 3 === 0;
      const courses = courseIds.map((id) => ({ ...COURSE, ...(isAnother ? { id: randomUUID() } : { id, price: -1 }) }));
      return { result: { $case: 'success', value: { result: { $case: 'courses', value: { courses } } } } };
    },
    getCourses: NOTHING,
    getCourse: NOTHING,
  });
  server.add(EnrollmentServiceDefinition, { checkCourseEnrollment: NOTHING });
  server.add(PaymentServiceDefinition, {
    createPayment: async ({ orderId }) => {
      const wrong = calls % 3 === 0 ? { paymentId: 'a payment', orderId: randomUUID() } : { paymentId: '', orderId };
      return { result: { $case: 'success', value: { ...wrong, status: '?!' } } };
    },
    createProviderSession: NOTHING,
    resolvePayment: NOTHING,
    cancelPayment: NOTHING,
    getPayment: NOTHING,
    healthCheck: NOTHING,
  });
  const port = await server.listen('127.0.0.1:0');
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}
