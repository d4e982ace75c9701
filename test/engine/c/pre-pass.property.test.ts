import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Configuration,
  macroAsFunction,
  parseFragment,
  parseUnit,
  type SourceUnit,
  sliceFunction,
} from '../../../engine/c/index.ts';

const CONFIGURATIONS: readonly Configuration[] = [
  { values: new Map(), fallback: 'y' },
  { values: new Map(), fallback: 'n' },
  { values: new Map([['CONFIG_A', 'y']]), fallback: 'n' },
];

/** Pieces of C, whole and broken, that the pre-pass treats in a way of its own. */
const words = fc.constantFrom(
  ...[
    'int f(void)\n{\n',
    '}\n',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ';\n',
    ',',
    '=',
    ':',
    '*',
    '&',
    '&&',
    '...',
    '.',
  ],
  ...[
    'if (x) ',
    'else ',
    'do ',
    'while (x)',
    'for (;;)',
    'switch (x) {\ncase 1 ... 3:',
    'return',
    'goto *p;',
    'out:',
  ],
  ...[
    '#ifdef CONFIG_A\n',
    '#else\n',
    '#endif\n',
    '\n#if IS_ENABLED(CONFIG_B) \\\n && X > 3\n',
    '#define m(x) g(x)\n',
  ],
  ...[
    'struct box',
    'static ',
    'const ',
    'u32 ',
    '__init ',
    'MY_ATTR ',
    'x',
    'y ',
    '"s"',
    "'c'",
    '12',
    '0x',
    '1_0',
    '\\\n',
  ],
  ...[
    'for_each_box(b) ',
    'scoped_guard(mutex, &l) ',
    'scoped_cond_guard(m, return -1, &l) ',
    'guard(rcu)();',
    'M(a)\n',
  ],
  ...[
    'CLASS(fd, f)(1);',
    'g(struct box *, int)',
    'typeof(x) ',
    '__free(k)',
    '__acquires(x)',
    'asm("x" : : M(1))',
    '_Generic(',
  ],
  ...[
    'SYSCALL_DEFINE2(s, int, a, int, b)\n{',
    'DEFINE_X(n)\n{',
    '/* c */',
    '// c\n',
    '/*',
    '"',
    "'",
    '\t',
    ' ',
    '\r\n',
    'é',
  ],
);
const code = fc.array(words, { maxLength: 60 }).map((list) => list.join(''));
const anything = fc.oneof(code, code, fc.string({ unit: 'binary', maxLength: 300 }));

function newlines(text: string): number[] {
  const found: number[] = [];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) found.push(i);
  return found;
}

function checkSlices(unit: SourceUnit): void {
  for (const fn of unit.functions) {
    expect(fn.at).toBeLessThanOrEqual(fn.bodyAt);
    expect(fn.end).toBeLessThanOrEqual(unit.text.length);
    const original = unit.text.slice(fn.at, fn.end);
    for (const configuration of CONFIGURATIONS) {
      const slice = sliceFunction(unit, fn, configuration);
      const front = fn.at - slice.offset;
      if (!fn.truncated) expect([front, slice.text.length]).toEqual([0, original.length]);
      expect(newlines(slice.text.slice(front, front + original.length))).toEqual(newlines(original));
      const tables = [
        slice.iterators,
        slice.guards,
        slice.typeArguments,
        slice.annotations,
        slice.caseRanges,
      ];
      for (const entry of tables.flat()) {
        expect(entry.at).toBeGreaterThanOrEqual(fn.at);
        expect(entry.end).toBeLessThanOrEqual(fn.end);
        expect(entry.at).toBeLessThanOrEqual(entry.end);
      }
    }
  }
}

describe('on any text', () => {
  it('a unit has its functions inside the text, and slices keep lengths and lines', () => {
    fc.assert(
      fc.property(anything, (text) => {
        checkSlices(parseUnit('a.c', text));
        checkSlices(parseUnit('a.c', `int f(void)\n{\n${text}\n}\n`));
      }),
      { numRuns: 600 },
    );
  });

  it('so has a fragment', () => {
    fc.assert(
      fc.property(anything, fc.string({ maxLength: 30 }), fc.nat(5), (text, section, gap) => {
        checkSlices(parseFragment('a.c', text));
        checkSlices(
          parseFragment('a.c', text, {
            unknown: gap === 0 ? [] : [{ start: gap, end: gap + 1 }],
            sections: [{ postLine: 1, text: section }],
          }),
        );
      }),
      { numRuns: 600 },
    );
  });

  it('a macro keeps its lines', () => {
    fc.assert(
      fc.property(code, (text) => {
        const unit = parseUnit('a.h', `#define m(a, b) ${text.replaceAll('\n', '\\\n')}\n`);
        for (const macro of unit.macros) {
          const made = macroAsFunction(unit, macro);
          if (made === null) continue;
          const original = unit.text.slice(macro.at, macro.end);
          expect(made.slice.text.length).toBe(original.length + 2);
          expect(newlines(made.slice.text)).toEqual(newlines(original));
        }
      }),
    );
  });

  it('reading twice gives the same', () => {
    fc.assert(
      fc.property(code, (text) => {
        const [one, two] = [parseUnit('a.c', text), parseUnit('a.c', text)];
        expect(JSON.stringify(one)).toBe(JSON.stringify(two));
      }),
      { numRuns: 50 },
    );
  });
});

describe('on text that is made to be slow', () => {
  const many = (text: string, count = 40_000) => text.repeat(count);
  it.each<[string, string]>([
    ['open braces', many('{', 100_000)],
    ['closed braces', many('}', 100_000)],
    ['nested bodies', `int f(void)\n{${many('{', 100_000)}${many('}', 100_000)}}`],
    ['functions that never end', many('int f(void) {\n')],
    ['functions with a brace too many', many('int f(void)\n{ { \n}\n')],
    ['parentheses', `int f(void) {${many('g(')}${many(')')};}`],
    ['parentheses that stay open', `int f(void) {${many('g(')}`],
    ['nested #if', `int f(void) {${many('\n#if A')}\nx();${many('\n#endif')}\n}`],
    ['#if groups in a row', `int f(void) {${many('\n#ifdef A\nx();\n#else\ny();\n#endif', 30_000)}\n}`],
    [
      '#elif in a row',
      `int f(void) {\n#if A\n${Array.from({ length: 10_000 }, (_, i) => `#elif defined(A${i})\n`).join('')}#endif\n}`,
    ],
    ['#if in a signature', `int f(void)${many('\n#ifdef A\n__x\n#else\n__y\n#endif', 20_000)}\n{\n}`],
    ['#if that cut functions', many('#ifdef A\nint f(void) {\n#endif\n', 20_000)],
    ['macros on one line', `int f(void) {${many('M(a) b;')}}`],
    ['cases without an end', `int f(void) {${many('case ')}}`],
    ['words', `int f(void) {${many('word ')}}`],
    ['attributes', `int f(void) {${many('__attr(x) ')}}`],
    ['parameters', `int f(${many('int a,')}int b) {}`],
    ['macros without semicolons', many('MODULE_X(a) ')],
    ['top-level macros', many('MODULE_X(a)\n')],
    ['initialisers', `int a[] = {${many('{ .a = {1}, },')}};`],
    ['nested initialisers', `int a = ${many('{.a=')}${many('}')};`],
    ['nested structs', `${many('struct a {')}${many('} a;')}`],
    ['macro heads', many('#define f(\n')],
    ['long numbers', `int f(void) { x = ${many('1')}g; y = 0x${many('f')}z; }`],
    ['comments that stay open', many('/*')],
    ['quotes', many('"\n')],
    ['arguments', `int f(void) { g(${many('struct a *,')}x); }`],
    ['empty arguments', `int f(void) { g(${many(',//\n')}x); }`],
    ['asm', `int f(void) {${many('asm(')}${many(')')}}`],
    ['guards', `int f(void) {${many('scoped_cond_guard(a, return, b) ', 30_000)};}`],
    ['blank lines', `int f(void)\n{${many('\n')}}`],
    ['directives cut by lines', many('#if A \\\n', 50_000)],
  ])('%s', (_, text) => {
    checkLarge(parseUnit('a.c', text));
    checkLarge(parseFragment('a.c', text));
  });

  function checkLarge(unit: SourceUnit): void {
    for (const fn of unit.functions.slice(0, 3)) {
      const slice = sliceFunction(unit, fn, CONFIGURATIONS[0]!);
      expect(slice.text.length).toBeGreaterThanOrEqual(fn.end - fn.at);
    }
    expect(unit.position(unit.text.length).line).toBe(unit.text.split('\n').length);
  }
});
