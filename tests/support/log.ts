import { pino } from 'pino';
import type { Logger } from 'pino';

/** A logger for parts under test: silent, unless TEST_LOG names a level. */
export function testLog(): Logger {
  return pino({ level: process.env.TEST_LOG ?? 'silent' });
}
