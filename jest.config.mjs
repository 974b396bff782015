// Tests are native ES modules: run them through `npm test` (tests/run-tests.ts), which finds the services they need.
const kinds = ['unit', 'integration', 'e2e', 'faults', 'routers'];

const project = (kind) => ({
  displayName: kind,
  rootDir: import.meta.dirname,
  testMatch: [`<rootDir>/tests/${kind}/**/*.test.ts`],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data'],
  setupFiles: ['reflect-metadata'],
});

export default {
  projects: kinds.map(project),
  testTimeout: 30_000,
  maxWorkers: 2,
  // Modules of finished test files stay in a worker's memory, which ended workers late in a whole run.
  workerIdleMemoryLimit: '1500MB',
};
