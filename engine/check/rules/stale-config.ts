/** Code outside the patch that still tests a symbol which the series removes. Judged over the tree by review/. */
import type { Rule } from '../rule.ts';

export const staleConfig: Rule = {
  id: 'stale-config',
  level: 'warning',
  doc: {
    what: 'Code outside the patch (C, Kconfig, Makefile, Rust `cfg`) still tests a symbol that the series removes.',
    why: 'The test is now always false: what it guards is dead code, or the wrong half of an `#else`.',
    advice: 'Remove the test in the same series, and keep the half that is still right.',
    bad: `#ifdef CONFIG_FAST_PATH		/* the series removes FAST_PATH */
	fast();
#else
	slow();
#endif`,
    good: `	fast();		/* the only half that is left */`,
  },
};
