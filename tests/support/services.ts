import { provideChromium } from './chromium.js';
import { provideKafka } from './kafka.js';
import { providePostgres } from './postgres.js';
import { provideRedis } from './redis.js';
import { MissingService } from './service.js';
import type { Service } from './service.js';

const PROVIDERS = { postgres: providePostgres, redis: provideRedis, kafka: provideKafka, chromium: provideChromium };

export interface Services {
  readonly env: Readonly<Record<string, string>>;
  /** Names of the services that cannot be had here. */
  readonly missing: readonly string[];
  stop(): Promise<void>;
}

/** Finds or starts every service the tests use, and prints one line for each. Services that fail end the ones that run. */
export async function startServices(print: (line: string) => void): Promise<Services> {
  const found: Service[] = [];
  const missing: string[] = [];
  const stop = async () => {
    await Promise.all(found.map((service) => service.stop()));
  };
  const attempts = Object.entries(PROVIDERS).map(async ([name, provide]) => {
    try {
      const service = await provide();
      found.push(service);
      print(`${name}: ${service.how}`);
    } catch (error) {
      if (!(error instanceof MissingService)) throw error;
      missing.push(name);
      print(`${name}: its tests are skipped (${error.message})`);
    }
  });
  const outcomes = await Promise.allSettled(attempts);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) {
    await stop();
    throw failure.reason;
  }
  return { env: Object.assign({}, ...found.map((service) => service.env)), missing, stop };
}
