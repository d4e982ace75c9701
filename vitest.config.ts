import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{engine,server,cli,cache,panel,tools,docs,security,faults,simulation}/**/*.test.ts'],
    // What programs under test keep is not the user's.
    env: { XDG_CACHE_HOME: path.resolve('.vscode-test/cache') },
    testTimeout: 60_000,
    // Some suites bundle the program first.
    hookTimeout: 120_000,
    // Two workers: a review machine has two cores more often than sixteen, and each loads a parser.
    maxWorkers: 2,
  },
});
