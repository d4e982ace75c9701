import { declareDiagnosticsTests } from './diagnostics.ts';
import { runMocha } from './runner.ts';

/** VS Code's entry to the suite of a trusted workspace. */
export const run = (): Promise<void> =>
  runMocha(() => {
    declareDiagnosticsTests();
  });
