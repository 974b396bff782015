// Who may call whom in src. Every folder may also use itself, observability, and the types of config.ts.

/** @type {Record<string, { uses?: string[], typesOf?: string[] }>} */
const LAYERS = {
  'secrets.ts': {},
  'config.ts': { uses: ['secrets.ts'] },
  observability: {},
  entities: {},
  policies: { uses: ['entities/'] },
  persistence: { uses: ['entities/'] },
  platform: {
    uses: [
      'entities/enums.ts',
      'entities/money.ts',
      'entities/payment/exact-amount.ts',
      'entities/payment/payment-words.ts',
      'entities/shared/',
      'generated/',
    ],
    typesOf: ['entities/', 'policies/'],
  },
  auth: { uses: ['entities/', 'policies/', 'persistence/'] },
  queries: { uses: ['entities/', 'policies/', 'persistence/', 'platform/neighbours.ts'] },
  subscriptions: { uses: ['entities/', 'policies/', 'persistence/'] },
  // Of the neighbours only the interfaces, never the clients.
  commands: { uses: ['entities/', 'policies/', 'persistence/', 'platform/neighbours.ts'] },
  saga: { uses: ['commands/', 'entities/', 'policies/', 'persistence/', 'platform/neighbours.ts'] },
  'messaging/(consumer|takers).ts': {
    uses: ['messaging/', 'commands/', 'queries/', 'auth/', 'entities/', 'persistence/'],
  },
  'messaging/(?!(consumer|takers)\\.ts)': { uses: ['messaging/', 'entities/', 'policies/', 'persistence/'] },
  schema: {
    uses: ['auth/', 'subscriptions/', 'entities/', 'policies/'],
    typesOf: ['commands/', 'queries/', 'resolvers/loaders.ts'],
  },
  resolvers: { uses: ['commands/', 'queries/', 'auth/', 'subscriptions/', 'schema/', 'entities/'] },
  grpc: { uses: ['commands/', 'queries/', 'auth/', 'entities/', 'generated/'] },
  server: { uses: ['auth/', 'subscriptions/', 'schema/'] },
};

const pattern = (names) => `^src/(?:${names.map((name) => name.replace(/\.ts$/, '\\.ts$')).join('|')})`;
const folder = (layer) => (/[./]/.test(layer) ? layer : `${layer}/`);

function rulesOf([layer, { uses = [], typesOf = [] }]) {
  const from = { path: pattern([folder(layer)]) };
  const values = [folder(layer), ...uses, ...(layer === 'config.ts' ? [] : ['observability/'])];
  const types = layer === 'config.ts' || layer === 'observability' ? [] : ['config.ts', ...typesOf];
  const comment = `${layer} may use: ${[...values, ...types.map((name) => `types of ${name}`)].join(', ')}`;
  const beyond = { path: '^src/', pathNot: pattern([...values, ...types]) };
  const onlyTypes = { path: pattern(types), pathNot: pattern(values), dependencyTypesNot: ['type-only'] };
  return [
    { name: `layer: ${layer}`, severity: 'error', comment, from, to: beyond },
    ...(types.length ? [{ name: `only types: ${layer}`, severity: 'error', comment, from, to: onlyTypes }] : []),
  ];
}

module.exports = {
  forbidden: [
    ...Object.entries(LAYERS).flatMap(rulesOf),
    {
      name: 'entities do no I/O',
      severity: 'error',
      comment: 'What an order is needs no database, network or file.',
      from: { path: '^src/entities/' },
      to: {
        pathNot:
          '^src/|^crypto$|node_modules/(@mikro-orm/(core|decorators)|type-graphql|graphql|graphql-scalars|uuid|class-validator)/',
      },
    },
    {
      name: 'operator commands do not open doors',
      severity: 'error',
      comment: 'A command of src/cli works on the database and the bus; it does not serve.',
      from: { path: '^src/cli/' },
      to: { path: '^src/(server|grpc|main\\.ts)' },
    },
    {
      name: 'nothing imports the entry points',
      severity: 'error',
      comment: 'Only main.ts and the launcher in dev/ start the app.',
      from: { path: '^src/', pathNot: '^src/(main|app)\\.ts$' },
      to: { path: '^src/(app|background|main)\\.ts$' },
    },
    {
      name: 'what ships stands alone',
      severity: 'error',
      comment: 'The image has neither dev/ nor tests.',
      from: { path: '^(src|migrations)/' },
      to: { path: '^(dev|tests|bench|examples)/' },
    },
    {
      name: 'migrations stand alone',
      severity: 'error',
      comment: 'A migration must do the same for ever, and lies elsewhere once compiled.',
      from: { path: '^migrations/' },
      to: { path: '^src/' },
    },
    {
      name: 'the laptop knows no tests',
      severity: 'error',
      comment: 'dev/ is run without tests/ in the container image of the stand-ins.',
      from: { path: '^dev/' },
      to: { path: '^(tests|bench)/' },
    },
    {
      name: 'not-to-dev-dep',
      severity: 'error',
      comment: 'The image has production dependencies only.',
      from: { path: '^(src|migrations)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-optional'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'not-to-unlisted',
      severity: 'error',
      comment: 'A package that package.json does not list is here by accident.',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment:
        'The import leads nowhere. What the bench compares with is installed by the bench; one package has types only.',
      from: { pathNot: '^bench/graph/postgraphile/' },
      to: { couldNotResolve: true, pathNot: '^@graphql-typed-document-node/core$' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Entities may refer to each other; types may too, because they are gone at run time.',
      from: { pathNot: '^src/(entities|generated)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.data|coverage)/|^examples/[^/]+/(dist|src/generated)' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
