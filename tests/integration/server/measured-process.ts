import { once } from 'node:events';
import { spawn } from 'node:child_process';

export interface Measurement {
  /** What the process holds after its garbage was collected. */
  readonly bytes: number;
  /** Lines of its log at level warn or above. */
  readonly warnings: number;
}

export interface MeasuredProcess {
  readonly url: string;
  measure(): Promise<Measurement>;
  stop(): Promise<void>;
}

/** Starts measured-server.ts. */
export async function startMeasuredProcess(): Promise<MeasuredProcess> {
  const args = ['--expose-gc', 'dev/run.mjs', 'tests/integration/server/measured-server.ts'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return {
    url: `${url}/graphql`,
    measure: async () => {
      child.send('measure');
      const [measurement] = (await once(child, 'message')) as [Measurement];
      return measurement;
    },
    stop: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}
