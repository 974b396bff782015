import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import codegen from '../../../examples/codegen.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PROGRAM = join(ROOT, 'examples/node/src');
const GENERATED = join(PROGRAM, 'generated/graphql.ts');
const folder = mkdtempSync(join(tmpdir(), 'new-refusal-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The types of the program's operations, made from a graph in which some unions have one member more. */
async function generateWith(unions: readonly string[]): Promise<string> {
  const schema = join(folder, 'graph.graphql');
  const config = join(folder, 'codegen.json');
  const out = join(folder, 'generated/');
  let graph = readFileSync(join(ROOT, 'examples/graph.graphql'), 'utf8');
  for (const union of unions) graph = graph.replace(`union ${union} =`, `union ${union} = BrandNew |`);
  writeFileSync(schema, `${graph}\ntype BrandNew implements UserError { code: ErrorCode! message: String! }\n`);
  const generates = { [out]: codegen.generates['examples/node/src/generated/'] };
  writeFileSync(config, JSON.stringify({ schema, generates }));
  await promisify(execFile)(join(ROOT, 'node_modules/.bin/graphql-codegen'), ['--config', config], { cwd: ROOT });
  return readFileSync(join(out, 'graphql.ts'), 'utf8');
}

/** What the compiler says of the program over these types, as the file and the first line of each error. */
function compile(generated: string): string[] {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    ROOT,
  );
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (file) => (file === GENERATED ? generated : readFile(file));
  host.fileExists = (file) => file === GENERATED || fileExists(file);
  host.getSourceFile = (file, language) => {
    const text = host.readFile(file);
    return text === undefined ? undefined : ts.createSourceFile(file, text, language);
  };
  const program = ts.createProgram([join(PROGRAM, 'main.ts')], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const [line] = ts.flattenDiagnosticMessageText(messageText, '\n').split('\n');
    return `${basename(file?.fileName ?? '')}: ${line}`;
  });
}

describe('given a graph whose mutations may answer a refusal that the program does not know', () => {
  it('when the program is compiled over it, then each switch without a case for it is an error', async () => {
    const errors = compile(await generateWith(['PlaceOrderResult', 'StartPaymentResult']));
    expect(errors.sort()).toEqual([
      expect.stringMatching(/^pay-order\.ts: .*"BrandNew".*not assignable to parameter of type 'never'/),
      expect.stringMatching(/^place-order\.ts: .*"BrandNew".*not assignable to parameter of type 'never'/),
    ]);
  }, 60_000);

  it('and over the graph as it is, there is none', async () => {
    expect(compile(await generateWith([]))).toEqual([]);
  }, 60_000);
});
