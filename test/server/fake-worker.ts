import { hostWorker } from '../../extension/server/worker-host.ts';
import { fakeReview } from './fake-review.ts';

hostWorker(fakeReview);
