/** Configurations without a definition, or with two. Judged over the tree by review/. */
import type { Rule } from '../rule.ts';

export const definitionCoverage: Rule = {
  id: 'definition-coverage',
  level: 'warning',
  doc: {
    what: 'A function that the patch moves or guards is undefined, or defined twice, in some configuration in which it is used.',
    why: 'That configuration does not build; nobody sees it until somebody builds it.',
    advice:
      'Give the configuration a definition, or make the conditions around the definitions exclude each other.',
    bad: `+#ifdef CONFIG_FAST
+void dev_kick(struct dev *d)
+{
+	ring(d->bell);
+}
+#endif			/* who defines it without CONFIG_FAST? */`,
    good: `+#ifdef CONFIG_FAST
+void dev_kick(struct dev *d)
+{
+	ring(d->bell);
+}
+#else
+static inline void dev_kick(struct dev *d) { }
+#endif`,
  },
};
