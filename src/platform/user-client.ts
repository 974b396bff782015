import { UserServiceDefinition } from '../generated/user_service.js';
import { asDown, isNotFound, type Caller } from './caller.js';
import { NeighbourDown, type UserDirectory } from './neighbours.js';

const BLOCKED = new Set(['blocked', 'deleted']);
const NOT_FOUND = /not_?\s?found/i;

/** The platform's user service. It answers "not found" in two ways: as a status, and in the message itself. */
export function createUserClient(caller: Caller): UserDirectory {
  const client = caller.client(UserServiceDefinition);
  return {
    async findUser(userId) {
      try {
        const { result } = await caller.read((options) => client.getUser({ userId }, options));
        if (result?.$case === 'error') {
          if (NOT_FOUND.test(result.value.code)) return undefined;
          throw new NeighbourDown(caller.service, `in-band error ${result.value.code}`);
        }
        if (result?.value.id !== userId) throw new NeighbourDown(caller.service, 'an answer about another user');
        const { id, status, email } = result.value;
        return { id, blocked: BLOCKED.has(status), email };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw asDown(caller.service, error);
      }
    },
  };
}
