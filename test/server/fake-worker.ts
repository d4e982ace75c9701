import { hostWorker } from '../../extension/server/worker-host.ts';
import { fakeAnswer } from './fake-review.ts';

hostWorker(fakeAnswer);
