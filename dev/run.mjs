// The first file of every npm script, in plain JavaScript that old Node versions can parse: checks the machine,
// generates code from proto/ when it is stale, then runs the TypeScript file named on the command line.
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function unsupported() {
  const { platform, arch } = process;
  const musl = platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (musl || !['linux', 'darwin'].includes(platform) || !['x64', 'arm64'].includes(arch)) {
    return `This runs on Linux with glibc (x64, arm64), macOS or WSL2, not on ${platform} ${arch}${musl ? ' with musl' : ''}.`;
  }
  if (major < 22 || (major === 22 && minor < 18)) {
    return `This needs Node 22.18 or newer, found ${process.versions.node} (run it through npm; on Linux x64 npm ci brings Node 24 along).`;
  }
  return undefined;
}

/** @returns {number} the newest modification time (ms) below a folder, 0 when it does not exist */
function newest(folder) {
  if (!existsSync(folder)) return 0;
  return Math.max(0, ...readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs));
}

function generateFromProto() {
  const wanted = Math.max(newest(join(root, 'proto')), statSync(join(root, 'buf.gen.yaml')).mtimeMs);
  const made = existsSync(join(root, 'src/generated/descriptors.ts')) ? newest(join(root, 'src/generated')) : 0;
  if (made >= wanted) return;
  buf(['generate'], 'inherit');
  // gRPC reflection tells explorers about the service from this; as a module it is built and shipped like all others.
  const { stdout } = buf(['build', 'proto', '--path', 'proto/order_service.proto', '-o', '-#format=binpb'], 'pipe');
  const file = join(root, 'src/generated/descriptors.ts');
  writeFileSync(file, `export default '${stdout.toString('base64')}';\n`);
}

function buf(args, stdout) {
  const bin = join(root, 'node_modules/.bin');
  const result = spawnSync(join(bin, 'buf'), args, {
    cwd: root,
    stdio: ['ignore', stdout, 'inherit'],
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
  return result;
}

const problem = unsupported();
if (problem) {
  console.error(problem);
  process.exit(1);
}
generateFromProto();
const script = process.argv[2];
if (script) {
  // Packages are parsed and compiled once instead of at every start; Node before 22.1 does without.
  nodeModule.enableCompileCache?.();
  process.argv.splice(1, 2, join(root, script));
  await import('./typescript-loader.mjs');
  await import(pathToFileURL(join(root, script)).href);
}
