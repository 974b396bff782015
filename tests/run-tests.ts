/**
 * What `npm test` runs: finds or starts the services that the tests need, then jest.
 * Arguments: kinds of tests (unit, integration, e2e, faults; these by default; routers, which need programs that nobody
 * brings along); everything else is passed to jest.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { buildShop } from '../dev/shop/build-shop.js';
import { dyingWithParent } from './support/service.js';
import { startServices } from './support/services.js';

const DEFAULT_KINDS = ['unit', 'integration', 'e2e', 'faults'];
const KINDS = [...DEFAULT_KINDS, 'routers'];

const args = process.argv.slice(2);
const named = args.filter((argument) => KINDS.includes(argument));
const kinds = named.length ? named : DEFAULT_KINDS;
const rest = args.filter((argument) => !KINDS.includes(argument));

let jest: ChildProcess | undefined;
// Jest ends on the signal, then the services are stopped; a second signal ends this process at once.
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => (jest ? jest.kill(name) : process.exit(1)));
}

function runJest(env: Readonly<Record<string, string>>): Promise<number> {
  const quiet = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];
  const node = ['--experimental-vm-modules', ...quiet, 'node_modules/jest/bin/jest.js'];
  const what = ['--passWithNoTests', ...rest, '--selectProjects', ...kinds];
  return new Promise((resolve, reject) => {
    jest = spawn(...dyingWithParent(process.execPath, [...node, ...what]), {
      stdio: 'inherit',
      env: { ...process.env, NODE_ENV: 'test', ...env },
    });
    jest.once('error', reject);
    jest.once('exit', (code) => resolve(code ?? 1));
  });
}

async function runWithServices(): Promise<number> {
  const services = await startServices((line) => console.log(line));
  try {
    if (services.missing.length && process.env.CI === 'true') {
      console.error(`missing with CI=true: ${services.missing.join(', ')}`);
      return 1;
    }
    // Once, before tests that run beside each other need it.
    if (kinds.includes('e2e')) await buildShop();
    return await runJest(services.env);
  } finally {
    await services.stop();
  }
}

process.exitCode = kinds.every((kind) => kind === 'unit') ? await runJest({}) : await runWithServices();
