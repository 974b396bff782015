import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A file of the bench in a process of its own, which ends with this one by way of its IPC channel. */
export interface Child<Order extends object | string, Word> {
  readonly pid: number;
  send(order: Order): void;
  /** The next thing that it says. @throws Error when it ends instead */
  word<W extends Word>(): Promise<W>;
  stop(): Promise<void>;
}

/** @param script below the folder of the project */
export function startChild<Order extends object | string, Word>(
  script: string,
  settings: NodeJS.ProcessEnv = {},
): Child<Order, Word> {
  const child = fork('dev/run.mjs', [script], { env: { ...process.env, NODE_ENV: 'production', ...settings } });
  return {
    pid: child.pid ?? 0,
    send: (order) => void child.send(order),
    word: <W extends Word>() => wordOf<W>(child),
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

async function wordOf<W>(child: ChildProcess): Promise<W> {
  const over = new AbortController();
  const ended = once(child, 'exit', over).then(([code]) => {
    throw new Error(`a process of the bench ended with ${code}`);
  });
  try {
    const [word] = (await Promise.race([once(child, 'message', over), ended])) as [W];
    return word;
  } finally {
    ended.catch(() => undefined);
    over.abort();
  }
}
