import { ServerError } from 'nice-grpc';
import type { Error as WireError } from '../../../src/generated/payment_common.js';
import type { Log } from '../log.js';

/** The codes that the payment service answers: the names of the JavaScript errors it throws. */
export type InBandCode = 'DOMAIN_EXCEPTION' | 'IDEMPOTENCY_EXCEPTION' | 'BadRequestException' | 'NotFoundException';

/** A refusal that is answered inside the response. */
export class InBandError extends Error {
  constructor(code: InBandCode, message: string) {
    super(message);
    this.name = code;
  }
}

type Answer<T> = { result: { $case: 'success'; value: T } | { $case: 'error'; value: WireError } };

/** The service answers every error in band, with its JavaScript name as the code; only gRPC statuses pass through. */
export async function inBand<T>(log: Log, work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { result: { $case: 'success', value: await work() } };
  } catch (error) {
    if (error instanceof ServerError) throw error;
    const { name, message } = error as Error;
    log({ level: error instanceof InBandError ? 'info' : 'error', message: `payment service: ${name}: ${message}` });
    return { result: { $case: 'error', value: { code: name, message, details: [{ field: 'service', message }] } } };
  }
}
