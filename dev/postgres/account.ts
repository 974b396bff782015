import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

/** The system account that PostgreSQL runs under; empty when it is the one of this process. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

const NAME = 'postgres';

function idOf(flag: '-u' | '-g'): number | undefined {
  const found = spawnSync('id', [flag, NAME], { encoding: 'utf8' });
  return found.status === 0 ? Number(found.stdout) : undefined;
}

/**
 * PostgreSQL refuses to run as root: root lends it the account that the data belongs to, else `postgres`, made when it
 * does not exist.
 * @param cluster the folder of the data, which need not exist
 * @throws Error when the account cannot be made
 */
export function accountForPostgres(cluster: string, log: (line: object) => void): Account {
  if (process.getuid?.() !== 0) return {};
  if (existsSync(cluster) && statSync(cluster).uid !== 0)
    return { uid: statSync(cluster).uid, gid: statSync(cluster).gid };
  if (idOf('-u') === undefined) {
    log({ level: 'info', msg: `adding the system account ${NAME}: PostgreSQL refuses to run as root` });
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', NAME], { stdio: 'pipe' });
  }
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** Whether an account may enter a folder, with everything above it. */
export function canEnter(account: Account, folder: string): boolean {
  if (account.uid === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...account, cwd: '/', stdio: 'ignore' }).status === 0;
}
