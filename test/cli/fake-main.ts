/** The command line as a process, without an engine: what process.test.ts runs. */
import { runProcess } from '../../extension/cli/run-process.ts';
import { fakeServices } from './fake-services.ts';

runProcess(fakeServices());
