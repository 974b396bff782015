import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditServer, type AuditResult } from 'graphql-http';
import { startServer, type ServerStand } from './server-stand.js';

let stand: ServerStand;
beforeAll(async () => void (stand = await startServer()), 60_000);
afterAll(() => stand.stop(), 30_000);

test('the audit of graphql-http finds no error, at most 3 warnings and 3 notices', async () => {
  const results = await auditServer({ url: stand.url });
  const found = (status: AuditResult['status']) => results.filter((result) => result.status === status);
  expect(found('error').map(({ id, name }) => `${id} ${name}`)).toEqual([]);
  expect(found('ok').length).toBeGreaterThanOrEqual(55);
  expect(found('warn').length).toBeLessThanOrEqual(3);
  expect(found('notice').length).toBeLessThanOrEqual(3);
}, 60_000);
