/** Code that a patch moves and changes on the way. Judged over both images by review/. */
import type { Rule } from '../rule.ts';

export const movedCodeChanged: Rule = {
  id: 'moved-code-changed',
  level: 'note',
  doc: {
    what: 'Code that the patch moves is not the same at its new place.',
    why: 'A reader of a patch that moves code does not read it again: what changes on the way goes in unseen.',
    advice: 'Move the code as it is, and change it in a patch of its own.',
    bad: `-/* Returns with d->lock held. */
-int dev_get(struct dev *d)
 …
+/* Returns with d->lock heldV. */
+int dev_get(struct dev *d)`,
    good: `-/* Returns with d->lock held. */
-int dev_get(struct dev *d)
 …
+/* Returns with d->lock held. */
+int dev_get(struct dev *d)`,
  },
};
