import { declareActivationTests } from './activation.ts';
import { declareDiagnosticsTests } from './diagnostics.ts';
import { runMocha } from './runner.ts';
import { declareSeriesTests } from './series.ts';
import { declareServerTests } from './server.ts';
import { declareSimulationTests } from './simulation.ts';
import { declareToolTests } from './tools.ts';

/** VS Code's entry to the suite of a trusted workspace. */
export const run = (): Promise<void> =>
  runMocha(() => {
    declareActivationTests();
    declareDiagnosticsTests();
    declareSeriesTests();
    declareServerTests();
    declareSimulationTests();
    declareToolTests();
  });
