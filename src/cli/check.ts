import { correctRevenue } from '../commands/correct-revenue.js';
import { revenueDifferences } from '../queries/revenue-check.js';
import { withDatabase } from './database.js';

/** `npm run check`, or `node dist/cli/check.js`: proves the counted revenue by the orders; `-- --rebuild` makes it right. */
await withDatabase(async (fork) => {
  if (process.argv.includes('--rebuild')) await correctRevenue(fork);
  const differences = await revenueDifferences(fork);
  for (const { day, currency, counted, actual } of differences) {
    process.stdout.write(`${day} ${currency}: counted ${counted}, orders say ${actual} (orders/gross/refunded)\n`);
  }
  process.stdout.write(`revenue: ${differences.length} days differ\n`);
  if (differences.length > 0) process.exitCode = 1;
});
