import { describe, expect, it } from 'vitest';
import {
  type Configuration,
  type FragmentInfo,
  parseFragment,
  sliceFunction,
} from '../../../engine/c/index.ts';
import { complaints } from './grammar.ts';

const ON: Configuration = { values: new Map(), fallback: 'y' };

/** Lines behind a gap that reaches up to line `first`. */
function piece(first: number, lines: readonly string[], section?: string) {
  const text = `${'\n'.repeat(first - 1)}${lines.join('\n')}\n`;
  const info: FragmentInfo = {
    unknown: first > 1 ? [{ start: 1, end: first - 1 }] : [],
    sections: section === undefined ? [] : [{ postLine: first, text: section }],
  };
  return parseFragment('a.c', text, info);
}

/** Checks that each function parses and that offsets hold, and returns names and what is cut. */
async function functionsOf(unit: ReturnType<typeof piece>): Promise<string[]> {
  const found: string[] = [];
  for (const fn of unit.functions) {
    const slice = sliceFunction(unit, fn, ON);
    expect(await complaints(slice.text), slice.text).toEqual([]);
    // Each word of the slice that the file has stands where the file has it.
    const shown = slice.text.slice(fn.at - slice.offset, fn.end - slice.offset);
    expect(shown.length).toBe(fn.end - fn.at);
    for (let i = 0; i < shown.length; i++) {
      const same = shown[i] === unit.text[fn.at + i] || shown[i] === ' ' || /\w/.test(shown[i]!);
      expect(same, `${i}: ${shown}`).toBe(true);
    }
    found.push(`${fn.name}: ${fn.truncated ?? 'whole'}`);
  }
  return found;
}

describe('parseFragment', () => {
  it('reads a hunk with a tail, a whole function and a head', async () => {
    const unit = piece(
      40,
      [
        '\t\tg();',
        '\t}',
        '\tunlock(b);',
        '\treturn 0;',
        '}',
        '',
        'static int whole(struct box *b)',
        '{',
        '\treturn lock(b);',
        '}',
        '',
        'int head(struct box *b)',
        '{',
        '\tlock(b);',
        '\tif (b->x &&',
      ],
      'int tail(struct box *b, struct box __user *c,',
    );
    expect(await functionsOf(unit)).toEqual(['tail: start', 'whole: whole', 'head: end']);
    expect(unit.problems.map((p) => p.message)).toEqual([
      'tail: its beginning is not shown',
      'head: its end is not shown',
    ]);
    expect(unit.position(unit.functions[0]!.at).line).toBe(40);
    const tail = sliceFunction(unit, unit.functions[0]!, ON);
    expect(tail.text.startsWith('int tail(struct box *b, struct box        *c){{g();')).toBe(true);
    const head = sliceFunction(unit, unit.functions[2]!, ON);
    expect(head.text.replace(/\s+/g, ' ')).toBe('int head(struct box *b) { lock(b); for(;;);}');
  });

  it.each([
    ['a cut condition', ['\t    && b->x) {', '\t\tg();', '\t}', '}'], 'start'],
    ['an operand of a condition', ['\t    b->x) {', '\t\tg();', '\t}', '}'], 'start'],
    ['the rest of a call', ['\t\t  b, c);', '\treturn 0;', '}'], 'start'],
    ['the head of a loop', ['\t     p; p = p->next)', '\t\tg(p);', '}'], 'start'],
    ['a first else', ['\telse', '\t\tg();', '}'], 'start'],
    ['a statement with its else', ['\t\tf();', '\telse', '\t\tg();', '}'], 'start'],
    ['a brace with an else', ['\t\tf();', '\t} else {', '\t\tg();', '\t}', '}'], 'start'],
    ['the end of a do', ['\t\tf();', '\t} while (x);', '}'], 'start'],
    ['cases', ['\tcase 2:', '\t\tf();', '\t\tbreak;', '\tdefault:', '\t\treturn;', '\t}', '}'], 'start'],
    ['an initialiser', ['\t\t.a = 1,', '\t};', '\tf();', '}'], 'start'],
    ['a conditional', ['\t\ta : b;', '\treturn;', '}'], 'start'],
    ['the middle', ['\tf();', '\tif (x) {', '\t\tg();'], 'both'],
    ['the middle of a switch', ['\tcase 1:', '\t\tf();', '\t\tbreak;', '\tcase 2:', '\t\tg(a,'], 'both'],
    ['an open do', ['\tf();', '\tdo {', '\t\tg();', '\t\twhile (x) {', '\t\t\th();'], 'both'],
    ['a label', ['out:', '\tunlock(b);', '\treturn r;', '}'], 'start'],
    ['a comment', [' * more of it', ' */', '\tf();', '\treturn r;', '}'], 'start'],
    [
      'the end of a macro',
      ['\t\tg(x); \\', '\t} while (0)', '', 'int f(void)', '{', '\treturn 0;', '}'],
      null,
    ],
    ['parameters', ['\t\t struct box __user *c)', '{', '\tf();', '}'], 'start'],
    ['parameters behind a star', ['\t\t *b, int c) __must_hold(x)', '{', '\tf();', '}'], 'start'],
  ])('reads what begins or ends with %s', async (_, lines, cut) => {
    const unit = piece(10, lines);
    const found = await functionsOf(unit);
    expect(found).toEqual([cut === null ? 'f: whole' : `function at line ${cutLine(lines)}: ${cut}`]);
  });
  const cutLine = (_lines: readonly string[]) => 10;

  it.each([
    ['fields of a struct', ['\tint a;', '\tstruct box *b;', '};', 'int f(void)', '{', '}']],
    [
      'elements of an initialiser',
      ['\t.open = box_open,', '\t.close = box_close,', '};', 'int f(void)', '{', '}'],
    ],
    ['elements of an enumeration', ['\tRED,', '\tGREEN = 3,', '};', 'int f(void)', '{', '}']],
    ['the end of a prototype', ['\t      int b);', 'int f(void)', '{', '}']],
    ['the end of a macro call', ['\t      g, h)', '', 'int f(void)', '{', '}']],
    ['the end of a function alone', ['}', '', 'int f(void)', '{', '}']],
    ['a comment alone', [' * one', ' * two { if (x) }']],
  ])('takes no function out of %s', async (_, lines) => {
    const found = await functionsOf(piece(10, lines));
    expect(found).toEqual(lines.includes('int f(void)') ? ['f: whole'] : []);
  });

  it('reads pieces on their own, with given gaps or runs of blank lines', async () => {
    const lines = ['\tf();', '}', '', '', '', '\tg();', '}', '', '', '', 'int h(void)', '{', '\tif (x) {'];
    const text = lines.join('\n');
    const expected = ['function at line 1: start', 'function at line 6: start', 'h: end'];
    expect(await functionsOf(parseFragment('a.c', text))).toEqual(expected);
    const unknown = [
      { start: 3, end: 5 },
      { start: 8, end: 10 },
    ];
    expect(await functionsOf(parseFragment('a.c', text, { unknown }))).toEqual(expected);
  });

  it('does not carry conditions over a gap', () => {
    const text = '#ifdef CONFIG_A\nint f(void)\n{\n}\n\n\n\nint g(void)\n{\n}\n#endif\n';
    const unit = parseFragment('a.c', text);
    expect(unit.functions.map((fn) => [fn.name, fn.presence.kind])).toEqual([
      ['f', 'symbol'],
      ['g', 'constant'],
    ]);
    expect(unit.conditionAt(text.indexOf('g(')).kind).toBe('constant');
  });

  it('is told by the section whether it begins inside a function', async () => {
    const lines = ['\tint a;', '\tstruct box *b;'];
    expect(await functionsOf(piece(9, lines, 'struct box {'))).toEqual([]);
    expect(await functionsOf(piece(9, lines, 'static int f(void)'))).toEqual(['f: both']);
    const unit = piece(9, lines, 'SYSCALL_DEFINE2(halt, int, how, int __user *, where)');
    expect(await functionsOf(unit)).toEqual(['sys_halt: both']);
    const slice = sliceFunction(unit, unit.functions[0]!, ON).text;
    expect(slice.replace(/\s+/g, ' ')).toContain('long halt( int how, int * where){');
  });

  it('reads a whole file like parseUnit', async () => {
    const unit = parseFragment('a.c', '#include <a.h>\nstruct box { int a; };\nint f(void)\n{\n}\n', {
      unknown: [],
    });
    expect(await functionsOf(unit)).toEqual(['f: whole']);
    expect(unit.structs[0]!.tag).toBe('box');
    expect(unit.includes).toEqual(['<a.h>']);
    expect(unit.problems).toEqual([]);
  });
});
