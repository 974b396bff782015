import * as grpc from '@grpc/grpc-js';
import { v5 as uuidv5 } from 'uuid';
import { idOf } from '../../support/ids.js';
import { loadService } from '../../support/wire.js';

/** A call that one of the services got. */
export interface Asked {
  readonly method: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** How long the caller waits, ms; Infinity where it does not say. */
  readonly patienceMs: number;
}

type Reply = object | { readonly status: grpc.status } | Buffer;
type Answer = (request: Readonly<Record<string, string>>) => Reply | Promise<Reply>;

const SERVICES = [
  ['user_service.proto', 'user_service.UserService'],
  ['course_service.proto', 'course_service.CourseService'],
  ['course_service.proto', 'course_service.EnrollmentService'],
  ['payment_service.proto', 'payment_service.PaymentService'],
] as const;

/** A course as the course service sends it; what is left out is absent on the wire. */
export const wireCourse = (name: string, changes: object = {}): object => ({
  id: idOf(name),
  title: name,
  instructor_id: idOf(`teacher of ${name}`),
  price: 499,
  currency: 'INR',
  status: 'published',
  slug: name,
  ...changes,
});

/** The user, course and payment service on the wire, in one process and on one port, answering as a test wants. */
export class ActingServices {
  readonly asked: Asked[] = [];
  /** Methods of calls that their caller gave up. */
  readonly cancelled: string[] = [];
  /** Courses by id, as wireCourse makes them. */
  readonly courses = new Map<string, object>();
  /** `course user` of enrolments. */
  readonly enrolled = new Set<string>();
  /** Answers that a test wants otherwise, by method; a Buffer is the answer byte for byte. */
  answers: Record<string, Answer> = {};
  readonly #server = new grpc.Server();
  address = '';

  readonly #usual: Readonly<Record<string, Answer>> = {
    GetUser: ({ user_id: id }) => ({ user: { id, email: `${id}@mail.example`, role: 'student', status: 'active' } }),
    GetCoursesByIds: ({ course_ids: ids }) => {
      // Unknown ones are dropped, the rest comes sorted by id.
      const found = [...(ids as unknown as string[])].sort().flatMap((id) => this.courses.get(id) ?? []);
      return { success: { courses: { courses: found } } };
    },
    CheckCourseEnrollment: ({ course_id: course, user_id: user }) => ({
      enrolled: this.enrolled.has(`${course} ${user}`),
    }),
    CreatePayment: ({ idempotency_key: key = '', order_id }) => ({
      success: { payment_id: uuidv5('payment', key), status: 'pending', order_id },
    }),
    CreateProviderSession: ({ payment_id }) => ({
      success: {
        payment_id,
        provider: 'STRIPE',
        stripe: {
          session_id: `cs_${payment_id}`,
          public_key: 'pk',
          url: 'https://pay.example/',
          amount: 49_900,
          currency: 'INR',
        },
      },
    }),
    CancelPayment: ({ provider_order_id }) => ({
      success: { status: 'cancelled', payment_id: 'p', provider_order_id },
    }),
    ResolvePayment: () => ({ success: { status: 'captured', payment_id: 'p', is_resolved: true, order_id: 'o' } }),
    GetPayment: () => ({ status: grpc.status.UNIMPLEMENTED }),
  };

  async start(): Promise<void> {
    for (const [file, name] of SERVICES) this.#serve(loadService(file, name).service);
    const port = await new Promise<number>((resolve, reject) =>
      this.#server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    this.address = `127.0.0.1:${port}`;
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  addCourse(name: string, changes: object = {}): string {
    this.courses.set(idOf(name), wireCourse(name, changes));
    return idOf(name);
  }

  takeAsked(): Asked[] {
    return this.asked.splice(0);
  }

  #serve(definition: grpc.ServiceDefinition): void {
    const methods = Object.entries(definition).filter(([name]) => name in this.#usual);
    const raw = methods.map(([name, method]) => {
      const { responseSerialize } = method;
      const serialize = (value: object) => (Buffer.isBuffer(value) ? value : responseSerialize(value));
      return [name, { ...method, responseSerialize: serialize }] as const;
    });
    const handlers = methods.map(([name]) => [name, this.#handler(name)] as const);
    this.#server.addService(Object.fromEntries(raw), Object.fromEntries(handlers));
  }

  #handler(method: string): grpc.handleUnaryCall<Record<string, string>, object> {
    return (call, done) => {
      const patienceMs = Number(call.getDeadline()) - Date.now();
      this.asked.push({ method, request: call.request, metadata: call.metadata.getMap(), patienceMs });
      call.on('cancelled', () => this.cancelled.push(method));
      const answer = this.answers[method] ?? this.#usual[method];
      Promise.resolve(answer?.(call.request) ?? {}).then((reply) => {
        if ('status' in reply) done({ code: reply.status, details: 'refused' });
        else done(null, reply);
      }, done);
    };
  }
}
