/** What was found out before, kept on disk for the next time. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { debuglog } from 'node:util';
import { openDiskCache } from './disk-cache.ts';
import { type RememberedReviews, rememberedReviews } from './remembered-reviews.ts';

export { cacheFolder } from './cache-folder.ts';
export { type RememberedReviews, rememberedReviews, type Watched } from './remembered-reviews.ts';

/** What goes wrong with the cache matters to nobody but who looks for it: run with `NODE_DEBUG=lock-review`. */
const debug = debuglog('lock-review');

/**
 * The reviews kept in `folder` by this very program.
 * @param bundle the file that the program runs from: another build of it has its own reviews
 */
export function reviewsIn(folder: string, bundle: string): RememberedReviews {
  const program = createHash('sha256').update(readFileSync(bundle)).digest('base64url');
  return rememberedReviews(openDiskCache(folder, { debug: (message) => debug(message) }), program);
}
