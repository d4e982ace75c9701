import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{engine,server,cli,panel}/**/*.test.ts'],
    testTimeout: 60_000,
    // Some suites bundle the server first.
    hookTimeout: 60_000,
    // Two workers: a review machine has two cores more often than sixteen, and each loads a parser.
    maxWorkers: 2,
  },
});
