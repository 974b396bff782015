import { IllegalTransition } from '../entities/order.js';
import { isDataError, isProgramError } from '../persistence/errors.js';

/**
 * True when what is said or stored is at fault: the database refused it, or no decision about it was possible. Trying the
 * same again cannot help, and what only stood beside it in a batch is not to suffer.
 */
export function isUndecidable(error: unknown): boolean {
  return error instanceof IllegalTransition || isProgramError(error) || isDataError(error);
}
