// What `npm start` runs: the whole product on this machine. --fresh begins with empty data.
import { parseArgs } from 'node:util';
import { ConfigError } from '../src/config.js';
import { PortError } from './laptop/choose-ports.js';
import { startLaptop } from './laptop/start-laptop.js';
import type { Laptop } from './laptop/start-laptop.js';
import { welcome } from './laptop/welcome.js';
import { PostgresVersionError } from './postgres/embedded-postgres.js';
import { signal } from './postgres/processes.js';
import { SampleDataError } from './sample/sample-data.js';
import { buildShop } from './shop/build-shop.js';

/** Of what its tools say. */
const FEW_LINES = 10;
const STOP_MS = 4_500;
// npm hands a Ctrl-C of the terminal on: what comes so soon is the same one.
const SAME_SIGNAL_MS = 400;
// Their messages say what the user has to change; a stack would hide it.
const FOR_THE_USER = [ConfigError, PortError, SampleDataError, PostgresVersionError];

const stopping = new AbortController();
let stoppedAt = 0;
let laptop: Laptop | undefined;

function readFlags(): { fresh: boolean } {
  try {
    return parseArgs({ options: { fresh: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    fail(`${(error as Error).message}\nusage: npm start [-- --fresh]`);
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

/** Ends this process now; the embedded PostgreSQL ends by itself and recovers at the next start. */
function exitAtOnce(code: number): never {
  if (laptop?.databasePid) signal(laptop.databasePid, 'SIGQUIT');
  process.exit(code);
}

async function onSignal(): Promise<void> {
  if (stoppedAt) {
    if (Date.now() - stoppedAt > SAME_SIGNAL_MS) exitAtOnce(130);
    return;
  }
  stoppedAt = Date.now();
  stopping.abort(new Error('stopped while starting'));
  // Not yet started: the start notices, and stops what it has started.
  if (laptop) await stop(laptop);
}

async function stop(running: Laptop): Promise<never> {
  console.log('stopping …');
  const impatience = setTimeout(() => {
    console.error('some parts did not stop in time');
    exitAtOnce(1);
  }, STOP_MS);
  await running.stop();
  clearTimeout(impatience);
  console.log('stopped');
  process.exit(0);
}

async function main(): Promise<void> {
  if (process.env['NODE_ENV'] === 'production') {
    fail('npm start is for laptops: its secrets are public. In production run: npm run build && node dist/main.js');
  }
  const { fresh } = readFlags();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => void onSignal());
  console.log('starting …');
  const shop = buildShop().catch((error: Error) =>
    console.error(`the web page could not be built: ${error.message.split('\n', FEW_LINES).join('\n')}`),
  );
  try {
    laptop = await startLaptop({
      env: process.env,
      fresh,
      show: (line) => console.error(line),
      signal: stopping.signal,
    });
  } catch (error) {
    if (stopping.signal.aborted) fail('stopped');
    fail(
      FOR_THE_USER.some((kind) => error instanceof kind) ? (error as Error).message : String((error as Error).stack),
    );
  }
  await shop;
  if (stopping.signal.aborted) await stop(laptop);
  console.log(`\n${await welcome(laptop)}\n\nready`);
}

await main();
