import { validate as isUuid } from 'uuid';
import { Session } from '../entities/session.js';
import type { Context } from '../schema/context.js';
import { CourseStub, UserStub } from '../schema/stubs.js';

type Reference = { readonly id: string };

/** How the router's references to our entities are resolved; each passes the same gate as a query. */
export const referenceResolvers = {
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
};
