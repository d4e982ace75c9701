/** `lock-review`, bundled to dist/lock-review.cjs. */
import { realServices } from './real-services.ts';
import { runProcess } from './run-process.ts';

runProcess(realServices());
