/** A second door of a broker: TLS, and a name and password to sign in with. */
export interface SecureListener {
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  readonly username: string;
  readonly password: string;
}

/** server.properties of a single broker that is its own controller, quick to start and to recover. */
export function serverProperties(at: {
  port: number;
  /** Where clients are sent to, where that is a proxy. */
  advertisedPort?: number;
  controllerPort: number;
  data: string;
  secure?: SecureListener;
}): string {
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    listeners: `BROKER://127.0.0.1:${at.port},CONTROLLER://127.0.0.1:${at.controllerPort}${secureDoor(at.secure)}`,
    'advertised.listeners': `BROKER://127.0.0.1:${at.advertisedPort ?? at.port}${secureDoor(at.secure)}`,
    'listener.security.protocol.map': 'BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
    'inter.broker.listener.name': 'BROKER',
    'controller.listener.names': 'CONTROLLER',
    // A static voter: the formatted folder holds no port then, and one can be copied for every broker.
    'controller.quorum.voters': `1@127.0.0.1:${at.controllerPort}`,
    'log.dirs': at.data,
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'auto.create.topics.enable': false,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 2_097_152,
    // A killed broker cannot register again before its old session ends: 12 s with the defaults.
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 200,
    ...(at.secure ? secureProperties(at.secure) : {}),
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

const secureDoor = (secure: SecureListener | undefined): string => (secure ? `,SECURE://127.0.0.1:${secure.port}` : '');

function secureProperties({ certificate, key, username, password }: SecureListener): Record<string, string> {
  const inOneLine = (pem: string) => pem.trim().replaceAll('\n', '\\n');
  const login = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`;
  return {
    'listener.name.secure.ssl.keystore.type': 'PEM',
    'listener.name.secure.ssl.keystore.certificate.chain': inOneLine(certificate),
    'listener.name.secure.ssl.keystore.key': inOneLine(key),
    'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.secure.plain.sasl.jaas.config': login,
  };
}
