import type { FastifyInstance } from 'fastify';
import type { SampleUser } from '../../sample/sample-data.js';
import { signToken } from '../../sample/sign-token.js';

/** What the stand-in of the platform's auth service works with. */
export interface SignInOptions {
  readonly people: readonly SampleUser[];
  /** The secret that the services check tokens with. */
  readonly jwtSecret: string;
}

/** As short as on a real platform, so that front ends show that they renew their tokens. */
const TOKEN_SECONDS = 900;

interface PersonParams {
  Params: { id: string };
}

/** Stands in for the platform's sign-in: the sample people sign in without a password. */
export function addSignInRoutes(app: FastifyInstance, { people, jwtSecret }: SignInOptions): void {
  app.get('/auth/people', () => people.map(({ id, name, roles, status }) => ({ id, name, roles, status })));

  app.post<PersonParams>('/auth/people/:id/token', async (request, reply) => {
    const person = people.find(({ id }) => id === request.params.id);
    if (!person) return reply.code(404).send({ error: 'nobody has this id' });
    const { id: userId, name: username, email, roles } = person;
    const token = await signToken({ userId, username, email, roles, ttlSeconds: TOKEN_SECONDS, secret: jwtSecret });
    return reply.header('cache-control', 'no-store').send({ token, expiresInSeconds: TOKEN_SECONDS });
  });
}
