import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Asks for an address every 50 ms until its input ends, then prints how long the slowest answer took, ms. */
const WATCH = `
let longest = 0, over = false;
process.stdin.on('end', () => { over = true; }).resume();
(async () => {
  while (!over) {
    const began = performance.now();
    await (await fetch(process.argv[1])).text();
    longest = Math.max(longest, performance.now() - began);
    await new Promise((next) => setTimeout(next, 50));
  }
  process.stdout.write(String(longest));
})();`;

/**
 * Watches an address from a process of its own: a test that generates load is too busy to take times.
 * @returns a function that ends the watch and tells the longest time of an answer, ms
 */
export function watchHealth(url: string): () => Promise<number> {
  const child = spawn(process.execPath, ['-e', WATCH, url], { stdio: ['pipe', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (part) => (printed += String(part)));
  return async () => {
    child.stdin.end();
    await once(child, 'close');
    return Number(printed);
  };
}
