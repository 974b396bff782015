import { pino, type DestinationStream, type Logger } from 'pino';
import { correlationId } from './correlation.js';

export type { Logger } from 'pino';

/** Whatever may carry a secret or a person's address, wherever it appears. */
const REDACTED = ['authorization', 'token', 'password', 'secret', 'email', 'payload', 'value', 'connectionParams'];

/** Structured logs: one JSON line each, with the correlation id, without tokens, e-mail addresses and payloads. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'order-service' },
    redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '(redacted)' },
    mixin: () => {
      const id = correlationId();
      return id ? { correlationId: id } : {};
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
