/** `lock-review`: the process around the command line. Bundled to dist/lock-review.cjs. */
import { processHost } from './process-host.ts';
import { realServices } from './real-services.ts';
import { runCommandLine } from './run.ts';

const status = runCommandLine(process.argv.slice(2), processHost(), realServices());
// Everything has been written by then; a thread or a child of the tree must not keep the process alive.
status.then((code) => process.exit(code));
