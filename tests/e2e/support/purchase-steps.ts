import { eventually } from '../../support/eventually.js';
import type { Answer, Graph } from './graph.js';

/** Sample data that tests name. */
export const people = {
  asha: '6513270e-269e-4d37-b2a7-4de452e6b438',
  ben: 'd23f0824-128b-4f33-8c5c-7fd0a6a3a450',
  ines: '9531985d-5d9d-49f8-9818-e811892f902b',
  admin: '36f675cc-81e7-4ef5-a8e2-5d940ed90475',
  blocked: '6b0d549b-6f03-475a-9600-a35a099950d8',
  nobody: '00000000-0000-4000-8000-000000000000',
};

const ORDER = `id number status statusReason fulfilment version total { amount currency }`;
const ERROR = `... on UserError { code message }`;

export const PLACE = `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename
  ... on PlaceOrderSuccess { replayed order { ${ORDER} } }
  ... on OpenOrderExists { courseIds orders { id } }
  ... on AlreadyEnrolled { courseIds courses { id title } }
  ... on OwnCourse { courseIds }
  ... on CourseUnavailable { unavailable { courseId courseReason } }
  ... on InvalidInput { fields { path message } }
  ... on CouponRejected { couponCode couponProblem }
  ... on MixedCurrencies { currencies { currency courseIds } }
  ... on IdempotencyConflict { key }
  ... on ServiceUnavailable { service retryAfterSeconds } ${ERROR} } }`;

export const START = `mutation ($input: StartPaymentInput!) { startPayment(input: $input) { __typename
  ... on StartPaymentSuccess { replayed order { ${ORDER} } payment { id status provider amount { amount currency } }
    session { __typename ... on StripeSession { sessionId url } ... on PayPalSession { orderId approvalLink } ... on RazorpaySession { orderId keyId } } }
  ... on ActionNotAllowed { reason order { status } }
  ... on VersionConflict { order { version } }
  ... on InvalidInput { fields { path message } }
  ... on ServiceUnavailable { service retryAfterSeconds } ${ERROR} } }`;

export const CONFIRM = `mutation ($input: ConfirmPaymentInput!) { confirmPayment(input: $input) { __typename
  ... on ConfirmPaymentSuccess { replayed order { ${ORDER} } payment { id status } }
  ... on ActionNotAllowed { reason }
  ... on InvalidInput { fields { path message } } ${ERROR} } }`;

export const CANCEL_PAYMENT = `mutation ($input: CancelPaymentInput!) { cancelPayment(input: $input) { __typename
  ... on CancelPaymentSuccess { order { ${ORDER} } payment { id status } }
  ... on ActionNotAllowed { reason } ${ERROR} } }`;

export const SHOW = `query ($id: ID!) { order(id: $id) { ${ORDER} statusNote buyerId buyer { id name } expiresAt paidAt
  captured { amount } refunded { amount } subtotal { amount } discount { amount }
  items { kind productId title fulfilment listPrice { amount } discount { amount } price { amount } course { id title } }
  payments { id provider status amount { amount currency } }
  refunds { status reason amount { amount } }
  availableActions { name allowed blockedReason }
  timeline { version type from to actor reason payment { id } } } }`;

export const FOLLOW = `subscription ($id: ID!, $after: Int) { orderStatusChanged(orderId: $id, afterVersion: $after) {
  version type from to fulfilment snapshot ends order { id version status } } }`;

/** Places an order and starts its payment, trying again as clients do while the machine is too busy for a neighbour's answer. */
export async function placeAndStart(graph: Graph, courseIds: string[], provider = 'STRIPE') {
  const { order } = await untilServed(() => graph.ask(PLACE, { input: { courseIds } }), 'placeOrder');
  const start = () => graph.ask(START, { input: { orderId: order.id, provider } });
  const { payment, session } = await untilServed(start, 'startPayment');
  return {
    orderId: order.id as string,
    paymentId: payment.id as string,
    session: (session.sessionId ?? session.orderId) as string,
  };
}

/** @throws Error with any other answer than success */
async function untilServed(ask: () => Promise<Answer>, mutation: string): Promise<Answer['data']> {
  const isServed = ({ data }: Answer) => data?.[mutation]?.__typename !== 'ServiceUnavailable';
  const answer = await eventually(ask, isServed, { limitMs: 20_000, everyMs: 200 });
  const result = answer.data?.[mutation];
  if (!result?.__typename?.endsWith('Success')) throw new Error(JSON.stringify(answer));
  return result;
}

/** The order as soon as it has a status and fulfilment. */
export function untilOrder(graph: Graph, id: string, status: string, fulfilment?: string) {
  return eventually(
    async () => (await graph.ask(SHOW, { id })).data.order,
    (order) => order.status === status && (fulfilment === undefined || order.fulfilment === fulfilment),
    { limitMs: 15_000 },
  );
}
