/** When a version of an order was committed, or came to a client: order, version, time. */
export type Moment = readonly [orderId: string, version: number, at: number];

/** Time by the clock that all processes of a machine share, ms. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;
