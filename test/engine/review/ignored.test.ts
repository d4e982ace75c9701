import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS, reviewFiles, reviewPatches } from '../../../engine/review/index.ts';
import { testParser } from '../parser.ts';

const leak = (comment: string, above = '') => `int feed(struct barn *b)
{
	mutex_lock(&b->lock);
	if (b->empty)
${above === '' ? '' : `\t\t${above}\n`}		return -ENOENT;${comment === '' ? '' : ` ${comment}`}
	mutex_unlock(&b->lock);
	return 0;
}
`;

async function review(text: string, ruleLevels = DEFAULT_OPTIONS.ruleLevels) {
  const { findings, notes } = await reviewFiles(
    [{ path: 'barn.c', text }],
    null,
    { ...DEFAULT_OPTIONS, ruleLevels },
    await testParser(),
  );
  return {
    findings: findings.map((one) => one.rule),
    notes: notes.map((one) => `${one.line}: ${one.message}`),
  };
}

describe('a comment in the source', () => {
  it('covers its line, with or without a reason', async () => {
    expect(await review(leak(''))).toEqual({ findings: ['lock-leak'], notes: [] });
    const quiet = { findings: [], notes: [] };
    expect(await review(leak('/* lock-review: ignore lock-leak the caller unlocks */'))).toEqual(quiet);
    expect(await review(leak('/* lock-review: ignore lock-leak */'))).toEqual(quiet);
    expect(await review(leak('// lock-review: ignore lock-leak: see feed_all()'))).toEqual(quiet);
    expect(await review(leak('/* lock-review: ignore double-lock, lock-leak */'))).toEqual(quiet);
  });

  it('covers the line below where it stands alone', async () => {
    const alone = leak('', '/* lock-review: ignore lock-leak\n\t\t * a reason of several lines\n\t\t */');
    expect(await review(alone)).toEqual({ findings: [], notes: [] });
  });

  it('covers no other rule, and says that it is idle', async () => {
    expect(await review(leak('/* lock-review: ignore double-lock why */'))).toEqual({
      findings: ['lock-leak'],
      notes: ['5: nothing is left to ignore here: double-lock finds nothing in line 5'],
    });
    expect(await review(leak('/* lock-review: ignore lock-leek why */'))).toEqual({
      findings: ['lock-leak'],
      notes: ["5: there is no rule 'lock-leek' to ignore"],
    });
  });

  it('is not idle because its rule is off', async () => {
    const off = new Map([['double-lock', 'off'] as const]);
    expect((await review(leak('/* lock-review: ignore double-lock why */'), off)).notes).toEqual([]);
  });

  it('covers what a patch brings in the lines that it adds', async () => {
    const added = leak('/* lock-review: ignore lock-leak meant */')
      .trimEnd()
      .split('\n')
      .map((line) => `+${line}`);
    const text = [
      'diff --git a/barn.c b/barn.c',
      'new file mode 100644',
      '--- /dev/null',
      '+++ b/barn.c',
      `@@ -0,0 +1,${added.length} @@`,
      ...added,
      '',
    ].join('\n');
    const { findings } = await reviewPatches(
      [{ name: 'barn.patch', text }],
      null,
      DEFAULT_OPTIONS,
      await testParser(),
    );
    expect(findings).toEqual([]);
  });
});
