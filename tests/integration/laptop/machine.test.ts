import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

/** Runs the first file of every npm script on a machine that looks like another one. */
async function onMachine(property: string, value: string): Promise<{ code: number; stderr: string }> {
  const disguise = `data:text/javascript,Object.defineProperty(process,${JSON.stringify(property)},{value:${value}})`;
  try {
    await run(process.execPath, ['--import', disguise, 'dev/run.mjs']);
    return { code: 0, stderr: '' };
  } catch (error) {
    return error as { code: number; stderr: string };
  }
}

describe('given a machine that cannot run the product, npm start stops with one sentence', () => {
  it.each([
    ['Windows', 'platform', '"win32"', /^This runs on Linux with glibc .* not on win32 x64\.\n$/],
    ['a 32-bit ARM', 'arch', '"arm"', /^This runs on Linux with glibc .* not on linux arm\.\n$/],
    ['Alpine', 'report', '{getReport:()=>({header:{}})}', /with musl\.\n$/],
    ['an old Node', 'versions', '{node:"20.20.2"}', /^This needs Node 22\.18 or newer, found 20\.20\.2 .*\n$/],
  ])('%s', async (_name, property, value, sentence) => {
    const { code, stderr } = await onMachine(property, value);
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
  });

  it('and goes on where it can run', async () => {
    expect(await onMachine('title', '"node"')).toEqual({ code: 0, stderr: '' });
  });
});
