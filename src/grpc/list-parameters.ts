import { Status, type CallContext } from 'nice-grpc';
import { OrderStatus } from '../entities/order-status.js';
import type { OrdersParams } from '../generated/order_service.js';
import type { OrderListFilter } from '../queries/order-lists.js';
import { refuse } from './refusals.js';

const PAGE_SIZE = 20;
const LARGEST_PAGE = 100;
/** Pages are counted by rows passed over: beyond this a list is read by cursor through the graph. */
const LAST_ROW = 100_000;

const S = OrderStatus;
/** The words of the platform's clients; `null`: every status. */
const STATUS_WORDS: Readonly<Record<string, readonly OrderStatus[] | null>> = {
  all: null,
  pending: [S.CREATED, S.PENDING_PAYMENT, S.PROCESSING],
  created: [S.CREATED],
  pending_payment: [S.PENDING_PAYMENT],
  processing: [S.PROCESSING],
  succeeded: [S.SUCCEEDED],
  completed: [S.SUCCEEDED],
  failed: [S.FAILED],
  cancelled: [S.CANCELLED, S.EXPIRED],
  refunded: [S.REFUNDED],
  expired: [S.EXPIRED],
};

/** Which part of which list a call of the platform asks for. */
export interface ListParameters {
  readonly filter: OrderListFilter;
  readonly offset: number;
  readonly limit: number;
}

/** Reads them as the platform's clients write them. @throws ServerError INVALID_ARGUMENT naming what cannot be read */
export function listParameters(context: CallContext, params: OrdersParams | undefined): ListParameters {
  const invalid = (detail: string) => refuse(context, Status.INVALID_ARGUMENT, 'INVALID_PARAMS', detail);
  const limit = Math.min(positive(params?.pageSize, PAGE_SIZE), LARGEST_PAGE);
  const offset = (positive(params?.page, 1) - 1) * limit;
  if (offset > LAST_ROW) throw invalid('page is too far.');
  const order = word(params?.sortOrder) || 'desc';
  if (order !== 'asc' && order !== 'desc') throw invalid('sort_order is neither asc nor desc.');
  const status = STATUS_WORDS[word(params?.status) || 'all'];
  if (status === undefined) throw invalid(`status is none of ${Object.keys(STATUS_WORDS).join(', ')}.`);
  const everything = { placedFrom: null, placedTo: null, courseId: null };
  return { filter: { ...everything, status, oldestFirst: order === 'asc' }, offset, limit };
}

const word = (value: string | undefined): string => (value ?? '').trim().toLowerCase();
/** Absent, zero and negative numbers mean the default, as they always did. */
const positive = (value: number | undefined, otherwise: number): number => (value && value > 0 ? value : otherwise);
