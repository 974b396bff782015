import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files of an authority and of a server on 127.0.0.1 that it has signed. */
export interface Certificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  /** Another authority, which has signed nothing. */
  readonly strangeCa: string;
  read(file: 'certificate' | 'key'): string;
  remove(): void;
}

/** Makes them with the openssl program. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'orders-test-tls-'));
  const at = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = (name: string) =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', at(name));
  const authority = (name: string) => {
    newKey(`${name}.key`);
    openssl(
      'req',
      '-x509',
      '-new',
      '-key',
      at(`${name}.key`),
      '-subj',
      `/CN=${name}`,
      '-days',
      '2',
      '-out',
      at(`${name}.pem`),
    );
  };
  authority('ca');
  authority('strange-ca');
  newKey('server.key');
  openssl('req', '-new', '-key', at('server.key'), '-subj', '/CN=127.0.0.1', '-out', at('server.csr'));
  writeFileSync(at('server.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  openssl(
    ...['x509', '-req', '-in', at('server.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'],
    ...['-days', '2', '-extfile', at('server.ext'), '-out', at('server.pem')],
  );
  const files = {
    ca: at('ca.pem'),
    certificate: at('server.pem'),
    key: at('server.key'),
    strangeCa: at('strange-ca.pem'),
  };
  return {
    ...files,
    read: (file) => readFileSync(files[file], 'utf8'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
