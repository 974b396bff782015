import { defineConfig, MikroORM, type EntityManager } from '@mikro-orm/postgresql';
import { ReflectMetadataProvider } from '@mikro-orm/decorators/legacy';
import type { EventSubscriber } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import type pg from 'pg';
import { parse } from 'pg-connection-string';
import 'reflect-metadata';
import { SessionBookingEvent } from '../entities/booking-event.js';
import { OrderClaim } from '../entities/order-claim.js';
import { OrderEvent } from '../entities/order-event.js';
import { OrderItem } from '../entities/order-item.js';
import { OrderRefund } from '../entities/order-refund.js';
import { Order } from '../entities/order.js';
import { PaymentAttempt } from '../entities/payment-attempt.js';
import { SuspiciousPayment } from '../entities/payment/suspicious-payment.js';
import { RevenueEntry } from '../entities/revenue-entry.js';
import { Saga } from '../entities/saga.js';
import { SessionBooking } from '../entities/session-booking.js';
import { BatchingClient } from './batching-client.js';
import { BatchingDriver } from './batching-driver.js';
import { IdempotencyRecord } from './idempotency-record.js';
import { NoticeRow } from './notice-row.js';
import { OutboxMessage } from './outbox-message.js';

export type { EntityManager } from '@mikro-orm/postgresql';

/** How busy a connection pool is. */
export interface PoolState {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Opens a unit of work of its own. */
export type Fork = () => EntityManager;

export interface OrmOptions {
  readonly url: string;
  readonly poolMax: number;
  /** In ms. */
  readonly statementTimeout: number;
  /** In ms. */
  readonly lockTimeout: number;
  /** Longest transaction, in ms; absent: as long as it takes. PostgreSQL 17 or newer, older ones do without. */
  readonly transactionTimeout?: number;
  /** Write what entities have recorded in the flush that writes them. */
  readonly recorders?: readonly EventSubscriber[];
  /** Sees every statement; for tests that count. */
  readonly onQuery?: (sql: string) => void;
  /** Gets the connection pool, to be measured. */
  readonly onPool?: (pool: PoolState) => void;
  /** Folder of migrations, where they are not the service's own. */
  readonly migrations?: string;
}

/** A transaction that its process forgot is ended by the database after this time, in ms. */
const IDLE_IN_TRANSACTION_MS = 30_000;

/** Where the migrations of this release are. */
export const migrationsFolder = new URL(
  import.meta.url.endsWith('.ts') ? '../../migrations' : '../migrations',
  import.meta.url,
);

/** Runs before a new connection is handed out: where it fails, so does whoever asked for the connection. */
async function limitTransactions(client: pg.Client, timeout: number): Promise<void> {
  await client.query(
    `select set_config(name, '${timeout}', false) from pg_settings where name = 'transaction_timeout'`,
  );
}

/** MikroORM takes host, user and database from a URL and drops what it says about TLS. */
function tlsOf(url: string): { ssl?: unknown } {
  const { ssl } = parse(url);
  return ssl === undefined ? {} : { ssl };
}

/** Connects the unit of work to the database. Settings that look odd are measured: docs/decisions/write-path.md. */
export function openOrm(options: OrmOptions): Promise<MikroORM> {
  const { onQuery, transactionTimeout } = options;
  return MikroORM.init(
    defineConfig({
      driver: BatchingDriver,
      clientUrl: options.url,
      driverOptions: {
        Client: BatchingClient,
        ...tlsOf(options.url),
        application_name: 'order-service',
        statement_timeout: options.statementTimeout,
        lock_timeout: options.lockTimeout,
        idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
        ...(options.onPool ? { onPoolCreated: options.onPool } : {}),
        ...(transactionTimeout
          ? { onConnect: (client: pg.Client) => limitTransactions(client, transactionTimeout) }
          : {}),
      },
      pool: { min: 0, max: options.poolMax },
      entities: [
        Order,
        OrderItem,
        OrderClaim,
        PaymentAttempt,
        SuspiciousPayment,
        OrderRefund,
        RevenueEntry,
        OrderEvent,
        SessionBooking,
        SessionBookingEvent,
        Saga,
        OutboxMessage,
        NoticeRow,
        IdempotencyRecord,
      ],
      metadataProvider: ReflectMetadataProvider,
      subscribers: [...(options.recorders ?? [])],
      propagationOnPrototype: false,
      populateAfterFlush: false,
      validateRequired: false,
      loadStrategy: 'select-in',
      extensions: [Migrator],
      migrations: {
        path: options.migrations ?? migrationsFolder.pathname,
        tableName: 'migrations',
        snapshot: false,
        transactional: true,
        allOrNothing: false,
      },
      // The migrator would write to the terminal: what was migrated is logged by migrate().
      logger: (message) => onQuery?.(message),
      debug: onQuery ? ['query'] : false,
      colors: false,
    }),
  );
}
