import { freePort, isPortFree } from './ports.js';

/** Every port of the laptop: the variable that names it, and its default (0: a free one below 32768). */
const PORTS = {
  gateway: ['GATEWAY_PORT', 4000],
  orders: ['HTTP_PORT', 4001],
  users: ['USERS_PORT', 4002],
  courses: ['COURSES_PORT', 4003],
  sessions: ['SESSIONS_PORT', 4004],
  page: ['DEV_PORT', 4010],
  grpc: ['GRPC_PORT', 50_054],
  database: ['DATABASE_PORT', 0],
  userService: ['USER_GRPC_PORT', 0],
  courseService: ['COURSE_GRPC_PORT', 0],
  sessionService: ['SESSION_GRPC_PORT', 0],
  paymentService: ['PAYMENT_GRPC_PORT', 0],
} as const;

type Name = keyof typeof PORTS;
const NAMES = Object.keys(PORTS) as Name[];

export type LaptopPorts = Readonly<Record<Name, number>>;

/** A port cannot be used. The message is one line that names it and its variable. */
export class PortError extends Error {
  override name = 'PortError';
}

/** The variable that names a port. */
export const variableOf = (name: Name): string => PORTS[name][0];

/**
 * The ports to listen on, each checked to be free now, except the database's: a server that a killed start left behind may
 * hold it, and is stopped first.
 * @throws PortError
 */
export async function choosePorts(env: Readonly<Record<string, string | undefined>>): Promise<LaptopPorts> {
  const named = new Map(NAMES.map((name) => [name, wanted(name, env[variableOf(name)])]));
  const taken = new Map<number, string>();
  for (const [name, port] of named) {
    if (port === 0) continue;
    const other = taken.get(port);
    if (other) throw new PortError(`port ${port} is named twice, by ${other} and by ${variableOf(name)}`);
    if (name !== 'database' && !(await isPortFree(port))) throw portInUse(name, port);
    taken.set(port, variableOf(name));
  }
  for (const [name, port] of named) {
    if (port !== 0) continue;
    const free = await freePort(new Set(taken.keys()));
    taken.set(free, variableOf(name));
    named.set(name, free);
  }
  return Object.fromEntries(named) as LaptopPorts;
}

export function portInUse(name: Name, port: number): PortError {
  return new PortError(`port ${port} is in use: set ${variableOf(name)} to another one`);
}

function wanted(name: Name, text: string | undefined): number {
  const port = text ? Number(text) : PORTS[name][1];
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new PortError(`${variableOf(name)}: given ${JSON.stringify(text)}; expected a port, 0 to 65535`);
}
