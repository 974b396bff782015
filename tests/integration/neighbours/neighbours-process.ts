// The neighbours in a process of their own, for the test that kills them: DATABASE_URL, ORDER_SERVICE.
// Prints its addresses as one line of JSON.
import pg from 'pg';
import { pino } from 'pino';
import { startNeighbours } from '../../../dev/neighbours/start-neighbours.js';
import { loadSampleData } from '../../../dev/sample/sample-data.js';
import { createPostgresBus } from '../../../src/messaging/bus/postgres-bus.js';

const { DATABASE_URL, ORDER_SERVICE = '' } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 8 });
const log = pino({ level: 'silent' });
const { addresses, pageUrl } = await startNeighbours({
  pool,
  bus: createPostgresBus({ pool, partitions: 2, log }),
  sample: loadSampleData({}),
  orderServiceAddress: ORDER_SERVICE,
  paymentContract: 'v1',
  ports: { user: 0, course: 0, session: 0, payment: 0, page: 0 },
  log: (line) => log.info(line),
});
console.log(JSON.stringify({ addresses, pageUrl }));
