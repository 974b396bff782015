// Starts PostgreSQL on the folder named on the command line, writes a row, prints the server's process id, and waits to
// be killed.
import pg from 'pg';
import { startPostgres } from '../../../dev/postgres/embedded-postgres.js';

const postgres = await startPostgres({ dataDir: process.argv[2] as string, log: () => undefined });
const client = new pg.Client(postgres.url);
await client.connect();
await client.query('create table kept as select 42 as answer');
console.log(postgres.pid);
// The open connection keeps this process alive.
