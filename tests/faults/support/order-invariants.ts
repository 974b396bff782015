/** What every reading asks of an order. */
export const ORDER = `id version status captured { amount } refunded { amount }
  refunds { id status amount { amount } } payments { id status amount { amount } }
  items { id fulfilment booking { id status version } } timeline { version type to }`;

/** An order as it was answered, as loose as parsed JSON. */
export type AnsweredOrder = ReturnType<typeof JSON.parse>;

type Amounts = readonly { readonly status: string; readonly amount: { readonly amount: number } }[];

const OPEN = ['PENDING_PAYMENT', 'PROCESSING'];
const succeeded = (all: Amounts) =>
  all.filter(({ status }) => status === 'SUCCEEDED').reduce((sum, { amount }) => sum + amount.amount, 0);

/** @returns what the parts of one answered order say against each other; nothing where it is of one version */
export function contradictionsOf(order: AnsweredOrder): string[] {
  const events: readonly { version: number; type: string; to: string }[] = order.timeline;
  const count = (type: string) => events.filter((event) => event.type === type).length;
  const newest = events.at(-1);
  const rules: readonly (readonly [string, unknown, unknown])[] = [
    ['versions of the timeline', events.map(({ version }) => version), events.map((_, i) => i + 1)],
    ['version and newest event', order.version, newest?.version],
    ['status and newest event', order.status, newest?.to],
    ['refunded and its refunds', order.refunded.amount, succeeded(order.refunds)],
    ['captured and its payments', order.captured.amount, succeeded(order.payments)],
    ['succeeded refunds and their events', succeededCount(order.refunds), count('REFUND_SUCCEEDED')],
    ['succeeded payments and their events', succeededCount(order.payments), count('PAYMENT_SUCCEEDED')],
    ['revoked items and refunded money', order.items.some(isRevoked), order.refunded.amount > 0],
    ...order.items.flatMap(({ booking }: AnsweredOrder) => (booking ? bookingRules(order.status, booking.status) : [])),
  ];
  return rules
    .filter(([, is, expected]) => JSON.stringify(is) !== JSON.stringify(expected))
    .map(([rule, is, expected]) => `${order.id} ${rule}: ${JSON.stringify(is)}, ${JSON.stringify(expected)}`);
}

const isRevoked = ({ fulfilment }: { fulfilment: string }) => fulfilment === 'REVOKED';
const succeededCount = (all: Amounts) => all.filter(({ status }) => status === 'SUCCEEDED').length;

/** A seat is held exactly while its order is open, and is the attendee's only if the order is paid. */
function bookingRules(order: string, booking: string): [string, unknown, unknown][] {
  const rules: [string, unknown, unknown][] = [
    ['a held seat and an open order', booking === 'PENDING', OPEN.includes(order)],
  ];
  if (booking === 'CONFIRMED') rules.push(['a confirmed seat and its order', order, 'SUCCEEDED']);
  return rules;
}
