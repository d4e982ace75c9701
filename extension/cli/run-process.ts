/** The process around the command line. */
import { processHost } from './process-host.ts';
import { runCommandLine } from './run.ts';
import type { Services } from './services.ts';

/** Runs the command that the process's arguments name, and ends the process with its status. */
export function runProcess(services: Services): void {
  runCommandLine(process.argv.slice(2), processHost(), services).then(
    // Everything has been written by now; a child of the tree must not keep the process alive.
    (status) => process.exit(status),
  );
}
