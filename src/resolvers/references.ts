import { validate as isUuid } from 'uuid';
import { Session } from '../entities/session.js';
import type { Context } from '../schema/context.js';
import { badInput } from '../schema/errors.js';
import { CourseStub, UserStub } from '../schema/stubs.js';

type Reference = { readonly id: string };
type Resolve<T> = (reference: Reference, context: Context) => T;

/** How the router's references to our entities are resolved; each passes the same gate as a query. */
export const referenceResolvers = withTextIds({
  Order: async ({ id }: Reference, context: Context) => {
    if (!context.viewer || !isUuid(id)) return null;
    return context.loaders.order.load(id.toLowerCase());
  },
  User: ({ id }: Reference) => new UserStub(id),
  Course: ({ id }: Reference) => new CourseStub(id),
  Session: ({ id }: Reference) => new Session(id),
  SessionBooking: async ({ id }: Reference, context: Context) => {
    if (!context.viewer || !isUuid(id)) return null;
    return context.loaders.booking.load(id.toLowerCase());
  },
});

/**
 * Resolves only references whose id is a text: nobody checks representations against the schema before. The others of the
 * same request are resolved. @throws BAD_USER_INPUT
 */
function withTextIds<R extends Readonly<Record<string, Resolve<unknown>>>>(resolvers: R): R {
  const checked = Object.entries(resolvers).map(([type, resolve]): [string, Resolve<unknown>] => [
    type,
    (reference, context) => {
      if (typeof reference.id === 'string') return resolve(reference, context);
      return Promise.reject(badInput(`A representation of ${type} needs an id that is a string.`));
    },
  ]);
  return Object.fromEntries(checked) as R;
}
