/** Fault tests run with all their numbers in `npm run test:full`, with a tenth of them in `npm test`. */
export function scaled(full: number): number {
  return process.env.FULL ? full : Math.max(1, Math.round(full / 10));
}
