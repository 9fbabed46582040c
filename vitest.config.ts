import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], testTimeout: number, globalSetup: string[] = []) => ({
  test: {
    name,
    include,
    exclude: ['**/dist/**', '**/node_modules/**'],
    testTimeout,
    hookTimeout: 120_000,
    globalSetup,
  },
});

/**
 * unit: beside the sources. integration: across packages, the command line and the pages included.
 * parity: against figures of an independent reference. faults: kill, corrupt, disconnect.
 * packed: the packages as npm would deliver them.
 */
export default defineConfig({
  test: {
    // Two workers: models run in threads of their own, and machines with two cores are common.
    maxWorkers: 2,
    projects: [
      project('unit', ['packages/**/src/**/*.test.ts'], 20_000),
      project(
        'integration',
        ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/docs/**/*.test.ts'],
        120_000,
      ),
      project('parity', ['test/parity/**/*.test.ts'], 300_000),
      project('packed', ['test/packed/**/*.test.ts'], 300_000, ['test/packed/global-setup.ts']),
      project('faults', ['test/faults/**/*.test.ts'], 300_000),
    ],
  },
});
