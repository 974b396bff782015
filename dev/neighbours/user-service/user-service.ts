import type { DeepPartial } from '../../../src/generated/user_service.js';
import type { UserData, UserMeta, UserServiceImplementation } from '../../../src/generated/user_service.js';
import { UserServiceDefinition } from '../../../src/generated/user_service.js';
import type { SampleUser } from '../../sample/sample-data.js';
import { withGarbage } from '../grpc/faults.js';
import type { NeighbourService, Place } from '../grpc/serve.js';
import { serve } from '../grpc/serve.js';
import type { Log } from '../log.js';

// The service keeps times of its rows; the sample has none.
const SAMPLE_TIME = '2025-01-01T00:00:00.000Z';

function commonFields(user: SampleUser) {
  const [firstName = '', ...rest] = user.name.split(' ');
  return {
    id: user.id,
    email: user.email,
    // The service knows two roles only; who is both is an instructor.
    role: user.roles.includes('instructor') ? 'instructor' : 'student',
    firstName,
    lastName: rest.join(' '),
    avatar: `https://images.example.test/avatars/${user.id}.png`,
    status: user.status,
    lastLogin: SAMPLE_TIME,
    updatedAt: SAMPLE_TIME,
    createdAt: SAMPLE_TIME,
  };
}

function toUserData(user: SampleUser): DeepPartial<UserData> {
  const username = user.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return { ...commonFields(user), username, slug: username };
}

function toUserMeta(user: SampleUser): DeepPartial<UserMeta> {
  return commonFields(user);
}

function implementation(users: ReadonlyMap<string, SampleUser>): UserServiceImplementation {
  return {
    getUser: async ({ userId }) => {
      const user = users.get(userId);
      if (user) return { result: { $case: 'user', value: toUserData(user) } };
      // The controller that runs today answers domain errors in band, not as a gRPC status.
      const details = [{ field: 'userId', message: `No user with id ${userId}` }];
      return { result: { $case: 'error', value: { code: 'NOT_FOUND', message: 'User not found', details } } };
    },
    listUsersByIds: async ({ userIds }) => {
      const found = [...new Set(userIds)].flatMap((id) => users.get(id) ?? []);
      return { result: { $case: 'users', value: { users: found.map(toUserMeta) } } };
    },
  };
}

/** The stand-in of the platform's user service. */
export function startUserService(place: Place, users: readonly SampleUser[], log: Log): Promise<NeighbourService> {
  const byId = new Map(users.map((user) => [user.id, user]));
  return serve(place, log, (server, service) => {
    server.add(withGarbage(UserServiceDefinition, service), implementation(byId));
  });
}
