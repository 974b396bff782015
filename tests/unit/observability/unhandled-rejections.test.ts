import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';

function run(...args: string[]) {
  const script = 'tests/unit/observability/rejecting-process.ts';
  const { status, stdout } = spawnSync(process.execPath, ['dev/run.mjs', script, ...args], { encoding: 'utf8' });
  return { status, lines: stdout.trim().split('\n') };
}

describe('given promises that are rejected and that nobody handles', () => {
  test('then the process goes on, and each is logged and counted', () => {
    const { status, lines } = run();
    expect(status).toBe(0);
    expect(lines.at(-1)).toBe('counted 2');
    const logged = lines.slice(0, -1).map((line) => JSON.parse(line) as { level: number; msg: string });
    expect(logged.map(({ level, msg }) => [level, msg])).toEqual(
      Array.from({ length: 2 }, () => [50, 'a promise was rejected and nobody handled it']),
    );
  });

  test('after the service was stopped, then the process ends as Node has it', () => {
    expect(run('afterwards').status).toBe(1);
  });
});
