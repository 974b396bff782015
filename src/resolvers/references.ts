import { validate as isUuid } from 'uuid';
import type { Context } from '../schema/context.js';
import { CourseStub, UserStub } from '../schema/stubs.js';
import { loadSession, sessionView } from './session-resolver.js';

type Reference = { readonly id: string };

/** How the router's references to our entities are resolved; each passes the same gate as a query. */
export const referenceResolvers = {
  Order: async ({ id }: Reference, context: Context) => {
    if (!context.viewer || !isUuid(id)) return null;
    return context.loaders.order.load(id.toLowerCase());
  },
  User: ({ id }: Reference) => new UserStub(id),
  Course: ({ id }: Reference) => new CourseStub(id),
  Session: async ({ id }: Reference, context: Context) => sessionView(id, await loadSession(id, context)),
};
