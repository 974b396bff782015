import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';
import { ChannelCredentials } from 'nice-grpc';
import { ConfigError, type Config } from './config.js';
import type { KafkaSecurity } from './messaging/bus/kafka-client.js';

/** Reads the file that a setting names. @throws ConfigError naming the setting */
function pem(config: Config, setting: PemSetting): Buffer | undefined {
  const path = config[setting];
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ConfigError(`${setting}: ${(error as Error).message}`, { cause: error });
  }
}

type PemSetting =
  'KAFKA_TLS_CA' | 'REDIS_TLS_CA' | 'NEIGHBOUR_TLS_CA' | 'GRPC_TLS_CERT' | 'GRPC_TLS_KEY' | 'GRPC_TLS_CLIENT_CA';

/** How brokers are spoken to. @throws ConfigError */
export function kafkaSecurity(config: Config): KafkaSecurity {
  const ca = pem(config, 'KAFKA_TLS_CA');
  const tls = config.KAFKA_TLS ? { ...(ca ? { ca } : {}) } : undefined;
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  if (!mechanism) return { tls };
  if (!username || !password)
    throw new ConfigError('KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD');
  // The overloads of kafkajs want each mechanism by itself.
  return { tls, sasl: { mechanism: mechanism as 'plain', username, password } };
}

/** TLS of a rediss:// URL; undefined for what the URL and the system say. @throws ConfigError */
export function redisTls(config: Config): ConnectionOptions | undefined {
  const ca = pem(config, 'REDIS_TLS_CA');
  return ca && { ca };
}

/** How neighbours are called. @throws ConfigError */
export function neighbourCredentials(config: Config): ChannelCredentials {
  return config.NEIGHBOUR_TLS
    ? ChannelCredentials.createSsl(pem(config, 'NEIGHBOUR_TLS_CA') ?? null)
    : ChannelCredentials.createInsecure();
}

/** What the gRPC server shows, and what it asks of its callers. @throws ConfigError */
export function grpcCredentials(config: Config): ServerCredentials {
  const [cert, key] = [pem(config, 'GRPC_TLS_CERT'), pem(config, 'GRPC_TLS_KEY')];
  const clientCa = pem(config, 'GRPC_TLS_CLIENT_CA');
  if (!cert && !key && !clientCa) return ServerCredentials.createInsecure();
  if (!cert || !key) throw new ConfigError('GRPC_TLS_CERT and GRPC_TLS_KEY go together');
  return ServerCredentials.createSsl(
    clientCa ?? null,
    [{ cert_chain: cert, private_key: key }],
    clientCa !== undefined,
  );
}
