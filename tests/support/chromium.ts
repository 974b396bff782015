import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { aptInstall, firstOf, MissingService, onPath } from './service.js';
import type { Service } from './service.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
const EVERYWHERE = ['--no-sandbox', '--disable-gpu', '--disable-quic'];

/** Whether there is a browser to test pages with. Without one those tests are skipped; with CI=true the run fails instead. */
export const hasChromium = (): boolean => Boolean(process.env.TEST_CHROMIUM);

/** A Chromium of this machine, else one from its package manager. */
export function provideChromium(): Promise<Service> {
  return firstOf([
    async () => found('on PATH'),
    async () => {
      await aptInstall('chromium');
      return found('installed with apt-get');
    },
  ]);
}

function found(origin: string): Service {
  const program = process.env.TEST_CHROMIUM ?? NAMES.map(onPath).find(Boolean);
  if (!program) throw new MissingService('no chromium on PATH');
  return { env: { TEST_CHROMIUM: program }, how: `${program} ${origin}`, stop: async () => undefined };
}

/** A browser for which no host but 127.0.0.1 exists. */
export function launchOfflineChromium(): Promise<Browser> {
  const offline = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1';
  return chromium.launch({ executablePath: process.env.TEST_CHROMIUM, args: [...EVERYWHERE, ...QUIET, offline] });
}
