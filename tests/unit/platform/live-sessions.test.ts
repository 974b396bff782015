import { describe, expect, it } from '@jest/globals';
import { NeighbourDown } from '../../../src/platform/neighbours.js';
import { createLiveSessions, SessionsUnavailable } from '../../../src/queries/live-sessions.js';

const noDatabase = () => {
  throw new Error('the session service is asked, not the database');
};

describe('given a platform without a session service, or one that does not answer', () => {
  it.each([
    ['no session service', undefined],
    ['a session service that is down', { findSession: () => Promise.reject(new NeighbourDown('session')) }],
  ])('%s: sessions are unavailable, which is not the same as unknown', async (_name, directory) => {
    await expect(createLiveSessions(noDatabase, directory).find('any')).rejects.toThrow(SessionsUnavailable);
  });

  it('a session that the service does not know is undefined', async () => {
    const directory = { findSession: async () => undefined };
    expect(await createLiveSessions(noDatabase, directory).find('any')).toBeUndefined();
  });
});
