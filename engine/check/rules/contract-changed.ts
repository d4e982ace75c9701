/** A caller that a patch forgot. Judged over both images by review/. */
import type { Rule } from '../rule.ts';

export const contractChanged: Rule = {
  id: 'contract-changed',
  level: 'warning',
  doc: {
    what: 'The patch changes which locks a function takes, releases or needs, and a caller in the tree still expects the old contract.',
    why: 'The caller left the locks as it found them before the patch, and does not any more, although nobody touched it.',
    advice: 'Change the caller in the same patch, or give the new behaviour another name.',
    bad: `-	mutex_lock(&d->lock);		/* dev_reset() leaves it to its callers now */
 	d->state = 0;
-	mutex_unlock(&d->lock);
 …
	dev_reset(d);			/* elsewhere: nobody holds d->lock */`,
    good: `	mutex_lock(&d->lock);
	dev_reset(d);
	mutex_unlock(&d->lock);`,
  },
};
