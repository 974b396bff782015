import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config.js';
import { grpcCredentials, kafkaSecurity } from '../../src/transport-security.js';

describe('settings of encryption', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    [
      'a file that is not there',
      { GRPC_TLS_CERT: '/no/such.pem', GRPC_TLS_KEY: '/no/such.key' },
      /^GRPC_TLS_CERT: ENOENT/,
    ],
    ['a certificate without its key', { GRPC_TLS_CERT: 'package.json' }, /GRPC_TLS_CERT and GRPC_TLS_KEY go together/],
  ])('%s is named', (_, env, message) => {
    expect(() => grpcCredentials(loadConfig(env))).toThrow(message);
  });

  test('a way to sign in without a name is named', () => {
    expect(() => kafkaSecurity(loadConfig({ KAFKA_SASL_MECHANISM: 'plain' }))).toThrow(/needs KAFKA_SASL_USERNAME/);
  });
});
