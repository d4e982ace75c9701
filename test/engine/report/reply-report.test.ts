import { describe, expect, it } from 'vitest';
import type { FilePatch, HunkLine, Patch, Series } from '../../../engine/patch/series.ts';
import { replyReport } from '../../../engine/report/index.ts';
import { leak, outside, sample } from './sample.ts';

/** Hunk lines from their text with markers, numbered from an input line. */
function hunkLines(inputLine: number, lines: readonly string[]): HunkLine[] {
  const kinds = { ' ': 'context', '+': 'added', '-': 'removed' } as const;
  return lines.map((line, at) => ({
    kind: kinds[line[0] as ' ' | '+' | '-'],
    text: line.slice(1),
    inputLine: inputLine + at,
    inputColumn: 1,
    noNewline: false,
  }));
}

const file: FilePatch = {
  oldPath: 'drivers/demo/pool.c',
  newPath: 'drivers/demo/pool.c',
  oldBlob: null,
  newBlob: null,
  oldMode: null,
  newMode: null,
  isRename: false,
  isCopy: false,
  isBinary: false,
  inputLine: 12,
  hunks: [
    {
      oldStart: 40,
      oldCount: 9,
      newStart: 40,
      newCount: 12,
      section: 'int pool_get(struct pool *pool, int id)',
      inputLine: 16,
      fidelity: 'exact',
      lines: hunkLines(17, [
        ' {',
        ' \tint ret;',
        ' ',
        '-\told_lock(pool);',
        '+\tmutex_lock(&pool->lock);',
        ' ',
        ' \tif (!pool)',
        '+\tif (!pool_find(pool, id))',
        '+\t\treturn -ENOENT;',
        ' ',
        ' \tpool->count++;',
        '+\tmutex_unlock(&pool->lock);',
      ]),
    },
  ],
};

const patch: Patch = {
  subject: 'drivers/demo: lock the pool',
  author: 'Jane Doe <jane@example.org>',
  number: 1,
  total: 2,
  messageId: '<one@example.org>',
  commit: null,
  description: [],
  files: [file],
  inputLine: 1,
};

const series: Series = { patches: [patch] };

describe('the reply', () => {
  it('quotes the hunk and explains under the line', () => {
    expect(replyReport(sample, [series])).toMatchInlineSnapshot(`
      "Subject: Re: [PATCH 1/2] drivers/demo: lock the pool
      In-Reply-To: <one@example.org>

      Jane Doe <jane@example.org> wrote:

      > --- a/drivers/demo/pool.c
      > +++ b/drivers/demo/pool.c
      > @@ -40,9 +40,12 @@ int pool_get(struct pool *pool, int id)
      > [...]
      > -	old_lock(pool);
      > +	mutex_lock(&pool->lock);
      >
      >  	if (!pool)
      > +	if (!pool_find(pool, id))
      > +		return -ENOENT;

      pool_get() returns with pool->lock still held. (error: lock-leak)

      The other error returns of pool_get() do not hold it, so no caller can
      know that it must release it. The next pool_get() on this pool waits for
      ever.

      The path through pool_get() with CONFIG_DEBUG_DEMO=n,
      CONFIG_DEMO_POOL=y:

        - line 41: pool_get() is entered
        - line 44: takes pool->lock [holding pool->lock]
        - line 47: takes the branch where pool_find() returned NULL
        - line 48: returns -ENOENT with pool->lock held

      Release pool->lock before this return, or jump to the unwind label that
      does.

      >
      >  	pool->count++;
      > +	mutex_unlock(&pool->lock);

      pool_drain() still expects pool_get() to return with pool->lock held.
      (warning: contract-changed)

      The patch makes pool_get() release it.

      The path through pool_drain():

        - line 52: pool_get() releases pool->lock since the patch
        - drivers/demo/drain.c:9: pool_drain() goes on as if it were held

      Change pool_drain() in the same patch.
      "
    `);
  });

  it('keeps its own words to 72 columns of plain ASCII, and quotes lines as they are', () => {
    const finding = {
      ...leak,
      message: `na\u00efve \u202e ${leak.message} because of a reason that is long enough to need wrapping`,
    };
    const reply = replyReport({ ...sample, findings: [finding, outside] }, [series]);
    expect(reply).toMatch(/^[\n\x20-\x7e\t]*$/);
    expect(reply).toContain('na<U+00EF>ve <U+202E>');
    for (const line of reply.split('\n'))
      if (!line.startsWith('>')) expect(line.length).toBeLessThanOrEqual(72);
    for (const line of ['> +\tif (!pool_find(pool, id))', '> +\t\treturn -ENOENT;'])
      expect(reply.split('\n')).toContain(line);
  });

  it('cuts what is far above, and goes on below without repeating', () => {
    const context = Array.from({ length: 20 }, (_, at) => ` \tline(${at});`);
    const long = {
      ...file,
      hunks: [{ ...file.hunks[0]!, lines: hunkLines(17, [...context, '+\tbad(1);', '+\tbad(2);']) }],
    };
    const reply = replyReport(
      {
        ...sample,
        findings: [
          { ...leak, inputLine: 37 },
          { ...leak, inputLine: 38 },
        ],
      },
      [{ patches: [{ ...patch, files: [long] }] }],
    );
    expect(reply.match(/^> \[\.\.\.\]$/gm)).toHaveLength(1);
    expect(reply).not.toContain('line(14)');
    expect(reply.match(/line\(15\)/g)).toHaveLength(1);
    expect(reply.match(/bad\(1\)/g)).toHaveLength(1);
    expect(reply.indexOf('bad(1)')).toBeLessThan(reply.indexOf('error: lock-leak'));
    expect(reply.lastIndexOf('error: lock-leak')).toBeGreaterThan(reply.indexOf('bad(2)'));
  });

  it('puts a finding outside the patch under the line that leads to it', () => {
    const reply = replyReport({ ...sample, findings: [outside] }, [series]);
    const lines = reply.split('\n');
    const at = lines.indexOf('> +\tmutex_unlock(&pool->lock);');
    expect(at).toBeGreaterThan(0);
    expect(lines[at + 2]).toContain('pool_drain() still expects');
  });

  it('tells what nothing in the patch shows at the end', () => {
    const nowhere = { ...outside, traceInputLines: [null, null] };
    const reply = replyReport({ ...sample, findings: [nowhere] }, [series]);
    expect(reply).toContain(
      'Outside the patch, 1 finding that it leads to:\n\ndrivers/demo/drain.c:9, in pool_drain():',
    );
    expect(reply).toContain('\n    ret = pool_get(pool, 0);\n');
  });

  it('is one for each patch of a series that has findings', () => {
    const second: Patch = {
      ...patch,
      number: 2,
      subject: 'drivers/demo: more',
      messageId: 'two@example.org',
      files: [
        {
          ...file,
          newPath: null,
          hunks: [{ ...file.hunks[0]!, oldStart: null, lines: hunkLines(117, ['-\tx();']) }],
        },
      ],
    };
    const findings = [{ ...leak, inputLine: 117 }, leak];
    const reply = replyReport({ ...sample, findings }, [
      { patches: [patch, { ...patch, files: [] }, second] },
    ]);
    expect(reply.match(/^Subject: .*$/gm)).toEqual([
      'Subject: Re: [PATCH 1/2] drivers/demo: lock the pool',
      'Subject: Re: [PATCH 2/2] drivers/demo: more',
    ]);
    expect(reply).toContain('In-Reply-To: <two@example.org>');
    expect(reply).toContain('> +++ /dev/null\n> @@\n> -\tx();\n');
  });

  it('to a bare diff has no heading', () => {
    const bare = { ...patch, subject: null, author: null, number: null, total: null, messageId: null };
    const reply = replyReport({ ...sample, findings: [leak] }, [{ patches: [bare] }]);
    expect(
      reply.startsWith('> --- a/drivers/demo/pool.c\n> +++ b/drivers/demo/pool.c\n> @@ -40,9 +40,12 @@'),
    ).toBe(true);
  });

  it('about a C file quotes the line', () => {
    const reply = replyReport({ ...sample, inputs: ['drivers/demo/pool.c'], findings: [leak] }, [null]);
    expect(reply.startsWith('drivers/demo/pool.c:48, in pool_get():\n\n    return -ENOENT;\n')).toBe(true);
  });

  it('of a clean review says so', () => {
    expect(replyReport({ ...sample, findings: [] }, [series])).toBe('No findings.\n');
  });
});
