import { describe, expect, it } from 'vitest';
import { b4Report, githubReport, jsonReport, visible, visibleJson } from '../../../engine/report/index.ts';
import { clean, leak, outside, sample } from './sample.ts';

describe('the JSON report', () => {
  it('has the keys of schema version 1, in their order', () => {
    const report = JSON.parse(jsonReport(sample));
    expect(Object.keys(report)).toEqual(['version', 'findings', 'notes', 'stats']);
    expect(report.version).toBe(1);
    for (const finding of report.findings) {
      expect(Object.keys(finding)).toEqual([
        'rule',
        'level',
        'message',
        'file',
        'line',
        'column',
        'inputLine',
        'function',
        'config',
        'status',
        'trace',
        'fingerprint',
      ]);
      for (const step of finding.trace) expect(Object.keys(step)).toEqual(['file', 'line', 'message']);
    }
    expect(Object.keys(report.stats)).toEqual(['files', 'functions', 'paths', 'configs', 'milliseconds']);
    expect(report.notes[0]).toBe(
      'pool.patch:40: this hunk fits nowhere in the file: the rest of the file is checked without it',
    );
    expect(Object.keys(report.findings[1].config)).toEqual(['CONFIG_DEBUG_DEMO', 'CONFIG_DEMO_POOL']);
  });

  it('writes hidden characters as escapes and loses nothing', () => {
    const message = 'a\u202eb\u200b\u001b[2J\ud83d\ude00\udc00 "\\';
    const text = jsonReport({ ...sample, findings: [{ ...leak, message }] });
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/);
    expect(text).toContain('\\u202e');
    expect(JSON.parse(text).findings[0].message).toBe(message);
    expect(visibleJson('"plain \u00e9"')).toBe('"plain \u00e9"');
  });
});

describe('visible text', () => {
  it('shows every hidden character once, and stays as it is the second time', () => {
    const text = 'a\u0000\u007f\u0085\u00ad\u061c\u180e\u2028\ufeff\u{e0041}\ud800z';
    const shown = visible(text);
    expect(shown).toBe('a<U+0000><U+007F><U+0085><U+00AD><U+061C><U+180E><U+2028><U+FEFF><U+E0041><U+D800>z');
    expect(visible(shown)).toBe(shown);
    expect(visible('tab\tline\nna\u00efve \ud83d\ude00')).toBe('tab\tline\nna\u00efve \ud83d\ude00');
  });
});

describe('the GitHub report', () => {
  const at = { prefix: '' };

  it('annotates what the patch introduces, most severe first, and ends with totals', () => {
    expect(githubReport(sample, at)).toMatchInlineSnapshot(`
      "::error file=drivers/demo/pool.c,line=48,endLine=48,col=3,endColumn=17,title=lock-leak::pool_get() returns with pool->lock still held%0AOnly with CONFIG_DEBUG_DEMO=n, CONFIG_DEMO_POOL=y.%0AThe path:%0A  drivers/demo/pool.c:41: pool_get() is entered%0A  drivers/demo/pool.c:44: takes pool->lock%0A  drivers/demo/pool.c:47: takes the branch where pool_find() returned NULL%0A  drivers/demo/pool.c:48: returns -ENOENT with pool->lock held%0AThe other error returns of pool_get() do not hold it, so no caller can know that it must release it. The next pool_get() on this pool waits for ever.%0AWhat to do: Release pool->lock before this return, or jump to the unwind label that does.
      ::warning file=drivers/demo/drain.c,line=9,endLine=9,col=8,endColumn=16,title=contract-changed::pool_drain() still expects pool_get() to return with pool->lock held%0AThe path:%0A  drivers/demo/pool.c:52: pool_get() releases pool->lock since the patch%0A  drivers/demo/drain.c:9: pool_drain() goes on as if it were held%0AThe patch makes pool_get() release it.%0AWhat to do: Change pool_drain() in the same patch.
      ::notice title=Kernel Lock Review::1 error, 1 warning; 5 functions in 2 files checked
      - note: pool.patch:40: this hunk fits nowhere in the file: the rest of the file is checked without it
      - note: no tree was given (--tree): callers outside the patch were not looked at
      "
    `);
  });

  it('annotates below the folder of the tree, or the patch itself where the tree is elsewhere', () => {
    expect(githubReport(sample, { prefix: 'linux/' })).toContain(
      '::error file=linux/drivers/demo/pool.c,line=48,',
    );
    const inPatch = githubReport(sample, { prefix: null });
    expect(inPatch).toContain(
      '::error file=pool.patch,line=25,endLine=25,title=lock-leak::drivers/demo/pool.c:48: pool_get()',
    );
    // A finding outside the patch has no line there.
    expect(inPatch).toContain('::warning title=contract-changed::drivers/demo/drain.c:9: ');
  });

  it('keeps to ten of a kind; the rest are lines of the log, and the total says so', () => {
    const many = [
      ...Array.from({ length: 25 }, (_, line) => ({ ...leak, line })),
      ...Array.from({ length: 12 }, (_, line) => ({ ...leak, level: 'note' as const, line })),
      ...Array.from({ length: 11 }, (_, line) => ({ ...outside, line })),
    ];
    const lines = githubReport({ ...sample, findings: many }, at).split('\n');
    const count = (start: string) => lines.filter((line) => line.startsWith(start)).length;
    expect([count('::error '), count('::warning '), count('::notice ')]).toEqual([10, 10, 10]);
    expect(lines.findIndex((line) => line.startsWith('::warning '))).toBe(10);
    expect(count('- drivers/')).toBe(15 + 1 + 3);
    expect(lines.find((line) => line.includes('title=Kernel Lock Review'))).toContain(
      '25 errors, 11 warnings, 12 notes; 19 findings without an annotation in the log; 5 functions in 2 files checked',
    );
  });

  it('escapes, so that a patch cannot give the runner a command', () => {
    const evil = {
      ...leak,
      file: 'a,b:c%\n::set-env name=X::y.c',
      message: 'x\r\n::stop-commands::t ##[add-path]/tmp',
      rule: '##[group]',
    };
    const notes = [{ message: '##[set-env name=X]y\n::error::z', file: '::add-mask', line: 1 }];
    const findings = [...Array.from({ length: 11 }, () => evil)];
    const lines = githubReport({ ...sample, findings, notes }, at)
      .trimEnd()
      .split('\n');
    expect(lines[0]).toContain('::error file=a%2Cb%3Ac%25 %3A%3Aset-env name=X%3A%3Ay.c,');
    expect(lines).toHaveLength(10 + 1 + 1 + 1);
    for (const line of lines) {
      expect(line).toMatch(/^(::(error|notice) |- )/);
      if (line.startsWith('- ')) expect(line).not.toContain('##[');
    }
  });
});

describe('the b4 report', () => {
  it.each([
    ['error', 'fail'],
    ['warning', 'warn'],
    ['note', 'pass'],
  ] as const)('of a finding of level %s is %s', (level, status) => {
    const [check] = JSON.parse(b4Report({ ...sample, findings: [{ ...leak, level }] }));
    expect(check).toMatchObject({ tool: 'lock-review', status, summary: `1 ${level}: lock-leak` });
    expect(check.details).toContain('pool_get() returns with pool->lock still held');
    expect(Object.keys(check)).toEqual(['tool', 'status', 'summary', 'details']);
  });

  it('of a clean patch passes, and says nothing where there was nothing to look at', () => {
    expect(JSON.parse(b4Report(clean))).toMatchObject([
      { status: 'pass', summary: 'no findings in 1 function' },
    ]);
    expect(b4Report({ ...clean, stats: { ...clean.stats, functions: 0 } })).toBe('[]\n');
  });
});
