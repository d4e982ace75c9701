/** `lock-review`, bundled to dist/lock-review.cjs; and, started by itself as a thread, a reviewer of files. */
import { isMainThread } from 'node:worker_threads';
import { realServices, reviewerOfThread } from './real-services.ts';
import { serveReviews } from './review-thread.ts';
import { runProcess } from './run-process.ts';

if (isMainThread) runProcess(realServices());
else serveReviews(reviewerOfThread);
