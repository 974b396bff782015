import pg from 'pg';
import type { Product } from '../support/product.js';

/**
 * Does something while no message is published. What the neighbours say of it then comes after its answer, as it nearly always
 * does: a payment's event that overtook the answer would make the order's history another one.
 */
export async function holdingNews<T>({ laptop }: Product, act: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: laptop.config.DATABASE_URL });
  await client.connect();
  try {
    await client.query('begin; lock table bus.messages in exclusive mode');
    return await act();
  } finally {
    await client.end();
  }
}
