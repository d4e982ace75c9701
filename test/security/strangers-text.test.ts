/** Text of strangers, shown to people: on a terminal, in hovers, in diagnostics. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
// @ts-expect-error it comes without types
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS, reviewPatches } from '../../engine/review/index.ts';
import { reviewDiagnostics } from '../../extension/server/diagnostics.ts';
import { hoverText } from '../../extension/server/hover-text.ts';
import type { Explained } from '../../extension/server/questions.ts';
import { cli, temporaryDirectory } from '../cli/fake.ts';
import { testParser } from '../engine/parser.ts';

/** What the parser makes of Markdown, as far as is looked at here. */
interface Token {
  readonly type: string;
  readonly children: readonly Token[] | null;
  attrGet(name: string): string | null;
}

/** An escape sequence of a terminal, one in C1, a right-to-left override, a zero-width space. */
const NASTY = '\u001b[2J\u009b31m\u202e\u200b';
const ACTS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202e]/;

describe('a terminal', () => {
  it('gets nothing that acts on it from the name of a file', async () => {
    const cwd = temporaryDirectory();
    const name = `a${NASTY}.patch`;
    writeFileSync(path.join(cwd, name), 'nothing\n');
    for (const args of [
      ['check', name],
      ['check', `none${NASTY}`],
      ['simulate', name],
      ['rules', NASTY],
    ]) {
      const { status, stdout, stderr } = await cli(args, { cwd, services: noPatch });
      expect([args, status]).toEqual([args, 2]);
      expect(stderr).toContain('<U+202E>');
      expect(stdout + stderr).not.toMatch(ACTS);
    }
  });

  it('gets nothing that acts on it from a configuration file', async () => {
    const cwd = temporaryDirectory();
    mkdirSync(path.join(cwd, 'linux'));
    writeFileSync(path.join(cwd, 'linux/.lock-review.json'), JSON.stringify({ [`a${NASTY}`]: 1 }));
    writeFileSync(path.join(cwd, 'a.patch'), 'diff --git a/m.c b/m.c\n');
    const { status, stderr } = await cli(['check', '--tree', 'linux', 'a.patch'], { cwd });
    expect(status).toBe(2);
    expect(stderr).toContain('<U+202E>');
    expect(stderr).not.toMatch(ACTS);
  });
});

/** The reader finds no patch in anything. */
const noPatch = {
  readSeries: async () => ({ value: { patches: [], problems: [] } as never, problems: [] }),
};

describe('a diagnostic', () => {
  it('shows what hides', async () => {
    const text = [
      'diff --git a/m.c b/m.c',
      '--- a/m.c',
      '+++ b/m.c',
      '@@ -1,3 +1,9 @@',
      ' int a;',
      `+int f(struct s *s\u202e)`,
      '+{',
      `+\tmutex_lock(&s->lo\u202eck);`,
      '+\tif (s->x)',
      '+\t\treturn 1;',
      `+\tmutex_unlock(&s->lo\u202eck);`,
      '+\treturn 0;',
      '+}',
      ' int b;',
      ' int c;',
      `@@ -99,9999 +99 @@ \u001b[2J`,
      '',
    ].join('\n');
    const review = await reviewPatches([{ name: 'a', text }], null, DEFAULT_OPTIONS, await testParser());
    const all = reviewDiagnostics(
      {
        ...review,
        findings: review.findings,
        notes: [...review.notes, { message: `lost ${NASTY}`, file: 'a', line: 3 }],
      },
      {
        documentUri: 'file:///a',
        documentLines: text.split('\n'),
        inputIsDocument: true,
        fileUri: () => null,
        ruleUri: () => null,
        showExisting: true,
      },
    ).get('file:///a')!;
    const shown = all.flatMap((one) => [
      one.message,
      ...(one.relatedInformation ?? []).map((step) => step.message),
    ]);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.join('\n')).toContain('<U+202E>');
    expect(shown.join('\n')).not.toMatch(ACTS);
  });
});

describe('a hover', () => {
  /** The kinds of markup that an editor would make of a text. */
  const markup = (text: string) => {
    const kinds: string[] = [];
    const targets: string[] = [];
    const visit = (tokens: readonly Token[]) => {
      for (const token of tokens) {
        kinds.push(token.type);
        const href = token.attrGet('href') ?? token.attrGet('src');
        if (href !== null) targets.push(href);
        visit(token.children ?? []);
      }
    };
    visit(new MarkdownIt({ html: true, linkify: true }).parse(text, {}));
    return { kinds: new Set(kinds), targets };
  };
  const BAD = [
    '![x](https://e.invalid/x.png)',
    '[x](command:workbench.action.quit)',
    '<img src=x onerror=y>',
    '`` ![x](y) ``',
    '`',
    '` ![x](y)',
    '\n# heading\n![x](y)',
    'a](b) [c](command:d',
    '&lt;b&gt;',
    NASTY,
  ];
  const config = 'CONFIG_A=y';
  const explained: ((bad: string) => Explained)[] = [
    (bad) => ({
      explanation: {
        kind: 'call',
        name: bad,
        contract: null,
        derived: bad,
        before: bad,
        after: `${bad}!`,
        config,
        source: bad,
      },
      entry: null,
    }),
    (bad) => ({
      explanation: {
        kind: 'call',
        name: 'f',
        contract: `f(): ${bad}\n  takes ${bad}\n  source: ${bad}`,
        derived: null,
        before: bad,
        after: bad,
        config,
        source: bad,
      },
      entry: null,
    }),
    ...[1, 2].map(
      (count) =>
        (bad: string): Explained => ({
          explanation: {
            kind: 'value',
            name: bad,
            type: `struct ${bad} *`,
            can: Array.from({ length: count }, () => bad),
            config,
          } as never,
          entry: null,
        }),
    ),
    (bad) => ({
      explanation: {
        kind: 'symbol',
        symbol: bad,
        isRemoved: false,
        fixed: null,
        changes: [{ function: bad, on: bad, off: '' }],
      } as never,
      entry: { file: bad, line: 3, text: `config A\n${'```'}\n${bad}\n${'````'}\n${bad}` } as never,
    }),
  ];

  it.each(BAD)('has neither links, pictures nor markup of %j', (bad) => {
    for (const make of explained) {
      const text = hoverText(make(bad), () => null);
      const { kinds, targets } = markup(text);
      for (const kind of ['link_open', 'image', 'html_inline', 'html_block', 'heading_open'])
        expect([text, kinds.has(kind)]).toEqual([text, false]);
      expect(targets).toEqual([]);
      expect(text).not.toMatch(ACTS);
    }
  });

  it('leads to files of the tree, whatever they are called, and nowhere else', () => {
    for (const bad of BAD) {
      const uri = `https://t.invalid/${encodeURIComponent(bad)}`;
      const { targets, kinds } = markup(hoverText(explained[4]!(bad), () => uri));
      expect(targets).toEqual([`${uri}#L3`]);
      expect(kinds.has('image')).toBe(false);
    }
  });

  it('never is trusted with commands: comments take text as text', () => {
    const source = readFileSync(path.resolve('extension/client/comments.ts'), 'utf8');
    expect(source).toContain('appendText(');
    expect(source).not.toMatch(/isTrusted|supportHtml|appendMarkdown/);
  });
});
