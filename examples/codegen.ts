import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types of the operations of both examples, from the graph that clients of the gateway see. */
const scalars = {
  DateTime: { input: 'string', output: 'string' },
  Currency: { input: 'string', output: 'string' },
  SafeInt: { input: 'number', output: 'number' },
};

const operationsOf = (folder: string) => ({
  documents: [`examples/${folder}/src/**/*.graphql`],
  preset: 'client' as const,
  presetConfig: { fragmentMasking: false },
  config: {
    emitLegacyCommonJSImports: false,
    scalars,
    useTypeImports: true,
    enumType: 'string-literal',
    strictScalars: true,
  },
});

const config: CodegenConfig = {
  schema: 'examples/graph.graphql',
  generates: {
    'examples/web/src/generated/': operationsOf('web'),
    'examples/web/src/generated/possible-types.ts': {
      plugins: ['fragment-matcher'],
      config: { apolloClientVersion: 3, useExplicitTyping: true },
    },
    'examples/node/src/generated/': operationsOf('node'),
  },
};

export default config;
