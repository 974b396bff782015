import DataLoader from 'dataloader';
import type { UserMeta } from '../../src/generated/user_service.js';
import { UserServiceDefinition } from '../../src/generated/user_service.js';
import type { Log } from '../neighbours/log.js';
import { bearerUserId } from './bearer.js';
import { serveSubgraph } from './serve-subgraph.js';
import { callService, connect } from './service-call.js';
import { subgraphSdl } from './sdl.js';

const LARGEST_BATCH = 500;

export interface UsersSubgraphOptions {
  readonly host: string;
  readonly port: number;
  /** host:port of the user service. */
  readonly userService: string;
  readonly jwtSecret: string;
  readonly log: Log;
}

type UserLoader = DataLoader<string, User | null>;

interface User {
  readonly id: string;
  readonly name: string;
  readonly avatar: string | null;
}

interface Context {
  readonly users: UserLoader;
  readonly viewerId: () => Promise<string | undefined>;
}

function toUser({ id, firstName, lastName, avatar }: UserMeta): User {
  return { id, name: `${firstName} ${lastName}`.trim(), avatar: avatar || null };
}

const resolvers = {
  Query: {
    me: async (_parent: unknown, _args: unknown, { users, viewerId }: Context) => {
      const id = await viewerId();
      return id === undefined ? null : users.load(id);
    },
  },
  User: {
    __resolveReference: ({ id }: { id: string }, { users }: Context) => users.load(id),
  },
};

/** Users, a facade over the user service: one ListUsersByIds an operation. */
export async function startUsersSubgraph(options: UsersSubgraphOptions) {
  const { host, port, userService, jwtSecret, log } = options;
  const { client, close } = connect(UserServiceDefinition, userService);

  const listUsers = async (userIds: readonly string[]): Promise<(User | null)[]> => {
    const { result } = await client.listUsersByIds({ userIds: [...userIds] });
    if (result?.$case !== 'users') throw new Error(`ListUsersByIds: ${result?.value.message ?? 'an empty answer'}`);
    const byId = new Map(result.value.users.map((user) => [user.id, toUser(user)]));
    return userIds.map((id) => byId.get(id) ?? null);
  };

  const subgraph = await serveSubgraph<Context>({
    host,
    port,
    sdl: subgraphSdl.users,
    resolvers,
    context: (request) => ({
      users: new DataLoader((ids) => callService('user', log, () => listUsers(ids)), { maxBatchSize: LARGEST_BATCH }),
      viewerId: () => bearerUserId(request.headers.authorization, jwtSecret, log),
    }),
    log,
  });
  return {
    url: subgraph.url,
    stop: async () => {
      await subgraph.stop();
      close();
    },
  };
}
