import { describe, expect, test } from '@jest/globals';
import { OrderStatus } from '../../../src/entities/order-status.js';
import { Order } from '../../../src/entities/order.js';
import { BadCursor } from '../../../src/queries/cursor.js';
import { createOrderLists, type OrderListFilter } from '../../../src/queries/order-lists.js';
import type { Fork } from '../../../src/persistence/orm.js';
import type { OrderReads } from '../../../src/queries/order-reads.js';
import { OrderConnection } from '../../../src/schema/connections.js';
import { idOf } from '../../support/ids.js';
import { T0 } from '../../support/test-clock.js';

const ALL: OrderListFilter = { status: null, placedFrom: null, placedTo: null, courseId: null, oldestFirst: false };

const orders = ['a', 'b'].map((name) => Object.assign(Object.create(Order.prototype) as Order, { id: idOf(name) }));
const page = (hasNextPage: boolean) => ({ rows: orders, cursors: ['cursor a', 'cursor b'], hasNextPage });
const never = () => Promise.reject(new Error('was not asked for'));

describe('a page of orders as a connection', () => {
  test('has edges with cursors, and says where it is', () => {
    const connection = new OrderConnection(page(true), 'cursor before', never);
    expect(connection.edges).toEqual([
      { cursor: 'cursor a', node: orders[0] },
      { cursor: 'cursor b', node: orders[1] },
    ]);
    expect(connection.nodes).toBe(orders);
    expect(connection.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: true,
      startCursor: 'cursor a',
      endCursor: 'cursor b',
    });
  });

  test('the first and last page has neither before nor after', () => {
    const { pageInfo } = new OrderConnection(page(false), null, never);
    expect([pageInfo.hasNextPage, pageInfo.hasPreviousPage]).toEqual([false, false]);
  });

  test('an empty page has no cursors', () => {
    const { pageInfo, edges } = new OrderConnection({ rows: [], cursors: [], hasNextPage: false }, null, never);
    expect([edges, pageInfo.startCursor, pageInfo.endCursor]).toEqual([[], null, null]);
  });

  test('the whole is counted only when asked for', async () => {
    let counted = 0;
    const connection = new OrderConnection(page(false), null, async () => ((counted += 1), 17));
    expect([connection.nodes.length, counted]).toEqual([2, 0]);
    expect([await connection.totalCount(), counted]).toEqual([17, 1]);
  });
});

describe('a cursor that cannot be one is refused before the database is asked', () => {
  const noDatabase = (() => {
    throw new Error('the database was asked');
  }) as unknown as Fork;
  const lists = createOrderLists(noDatabase, {} as OrderReads);
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each([
    ['empty', ''],
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('hello').toString('base64url')],
    ['null', encode(null)],
    ['of something else', encode({ id: 1 })],
    ['without an id', encode([T0.toISOString(), 'x', 'y'])],
    ['of a list with another filter', encode([T0.toISOString(), idOf('a'), 'AAAAAAAA'])],
    ['with a time that is none', encode(['soon', idOf('a'), 'AAAAAAAA'])],
  ])('%s', async (_, after) => {
    const filter = { ...ALL, status: [OrderStatus.FAILED] };
    await expect(lists.ofBuyers([idOf('buyer')], filter, { first: 2, after })).rejects.toThrow(BadCursor);
  });
});
