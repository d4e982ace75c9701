import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Configuration,
  type FunctionIR,
  lowerFunction,
  lowerMacro,
  parseUnit,
  printGraph,
  printIR,
} from '../../../engine/c/index.ts';
import { testParser } from '../parser.ts';
import { guardFaults, structureFaults } from './well-formed.ts';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures', 'cfg');
const FIXTURES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.c'))
  .map((name) => readFileSync(join(FOLDER, name), 'utf8').replace(/^\/\*[\s\S]*?\*\/\n/, ''));
const CONFIGURATION: Configuration = { values: new Map(), fallback: 'n' };

const parser = await testParser();

/** The IR of every function and macro in a text; fails if one is malformed. */
function lowerAll(text: string): FunctionIR[] {
  const unit = parseUnit('test.c', text);
  const lowered = [
    ...unit.functions.map((fn) => lowerFunction(parser, unit, fn, CONFIGURATION, { lazy: () => true })),
    ...unit.macros.flatMap((macro) => lowerMacro(parser, unit, macro, CONFIGURATION) ?? []),
  ];
  for (const ir of lowered) {
    expect(structureFaults(ir, text.length)).toEqual([]);
    expect(printIR(ir).length + printGraph(ir).length).toBeGreaterThan(0);
  }
  return lowered;
}

/** Statements that C accepts, with guards, loops and jumps anywhere. Labels are `l0` to `l3`, at the ends of blocks. */
const { statement } = fc.letrec<{ statement: string; block: string }>((tie) => ({
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a();', 'x++;', ';', 'return;', 'return b(x);', 'if (x) break;', 'if (y()) continue;'),
    fc.constantFrom('guard(mutex)(&p->lock);', 'guard(rcu)();', 'int z = c();', 'x = y() ? 1 : z2();'),
    fc.constantFrom(
      'if (x) goto l0;',
      'goto l1;',
      'if (a() && !b()) goto l2;',
      'x = ({ guard(rcu)(); p->x; });',
    ),
    tie('block'),
    tie('block').map((body) => `while (a()) ${body}`),
    tie('block').map((body) => `do ${body} while (x < 3);`),
    tie('block').map((body) => `for (int i = 0; i < 3; i++) ${body}`),
    tie('block').map((body) => `for_each_thing(x, p) ${body}`),
    tie('block').map((body) => `scoped_guard(spinlock, &p->lock) ${body}`),
    tie('block').map((body) => `scoped_cond_guard(mutex_try, goto l3, &p->lock) ${body}`),
    fc.tuple(tie('block'), tie('block')).map(([a, b]) => `if (a(x)) ${a} else ${b}`),
    fc
      .tuple(tie('block'), tie('statement'), tie('block'))
      .map(([a, b, c]) => `switch (x) { case 1: ${a} ${b} case 2: b(); default: ${c} }`),
  ),
  block: fc.array(tie('statement'), { maxLength: 4 }).map((inside) => `{ ${inside.join(' ')} }`),
}));

const program = fc
  .tuple(
    fc.array(statement, { minLength: 1, maxLength: 5 }),
    fc.array(fc.nat({ max: 4 }), { minLength: 4, maxLength: 4 }),
  )
  .map(([statements, places]) => {
    const lines = statements.map((one) => `\t${one}`);
    places.forEach((place, label) => {
      lines.splice(Math.min(place, lines.length), 0, `l${label}:\n\tm${label}();`);
    });
    // A loop around it all, so that every break and continue has one.
    return `int f(struct s *p, int x)\n{\n\twhile (more()) {\n${lines.join('\n')}\n\t}\n\treturn 0;\n}\n`;
  });

describe('lowering', () => {
  it('balances the guards of every fixture on every path', () => {
    for (const text of FIXTURES) for (const ir of lowerAll(text)) expect(guardFaults(ir)).toEqual([]);
  });

  it('balances the guards of every program on every path', () => {
    fc.assert(
      fc.property(program, (text) => {
        const lowered = lowerAll(text);
        expect(lowered).toHaveLength(1);
        expect(lowered[0]!.problems).toEqual([]);
        expect(guardFaults(lowered[0]!)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('is the same each time', () => {
    for (const text of FIXTURES) expect(lowerAll(text)).toEqual(lowerAll(text));
  });

  it('takes any text', () => {
    const word = fc.constantFrom(
      ...'if while for do switch case default goto return break continue else { } ( ) [ ] ; , : ? & && * ->'.split(
        ' ',
      ),
      ...'a x l0: guard(m)(&l); scoped_guard(m) ({ }) = == += ++ ! ~ 0 1 "s" \'c\' int struct_t # \\ /* */ //'.split(
        ' ',
      ),
      ...'__free(k) IS_ENABLED(CONFIG_A) asm goto("") &&l0 ... sizeof(int) . @ ` $ \u00e9 \u2028 \0'.split(
        ' ',
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        lowerAll(`int f(void)\n{\n${words.join(' ')}\n}\n`);
      }),
      { numRuns: 600 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        lowerAll(`int f(void)\n{\n${text}\n}\n`);
        lowerAll(`#define M(a) ${text}\n`);
      }),
      { numRuns: 200 },
    );
  });

  it('takes C that was damaged', () => {
    const damage = fc.tuple(
      fc.nat(),
      fc.nat({ max: 30 }),
      fc.constantFrom('', '{', '}', '(', ')', ';', ' x ', '#if', '"'),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...FIXTURES),
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        (text, cuts) => {
          let damaged = text;
          for (const [place, length, instead] of cuts) {
            const at = place % (damaged.length + 1);
            damaged = damaged.slice(0, at) + instead + damaged.slice(at + length);
          }
          for (const ir of lowerAll(damaged)) expect(guardFaults(ir)).toEqual([]);
        },
      ),
      { numRuns: 600 },
    );
  });

  it.each([
    ['parentheses', `x = ${'('.repeat(5000)}1${')'.repeat(5000)};`],
    ['blocks', '{'.repeat(5000) + '}'.repeat(5000)],
    ['statement expressions', `x = ${'({ '.repeat(2000)}1;${' });'.repeat(2000)}`],
    ['negations', `if (${'!'.repeat(5000)}x) a();`],
    ['sums', `x = ${'a() + '.repeat(5000)}1;`],
    ['conjunctions', `if (${'a() && '.repeat(5000)}1) b();`],
    ['conditionals', `x = ${'a() ? b() : '.repeat(3000)}c();`],
    ['else ifs', `if (x) a(); ${'else if (b()) c(); '.repeat(5000)}`],
    ['ifs', `${'if (x) '.repeat(5000)}a();`],
    ['labels', Array.from({ length: 5000 }, (_, n) => `l${n}: if (x) goto l${4999 - n};`).join('\n')],
    ['guards', 'guard(m)(&l);'.repeat(3000)],
    ['guards and returns', 'guard(m)(&l); if (x) return;'.repeat(300)],
    ['open brackets', '(['.repeat(4000)],
    ['macros in capitals', 'FOO(x); BAR(y);'.repeat(2000)],
    ['stars', `x = ${'*'.repeat(5000)}y;`],
    ['commas', `${'a(), '.repeat(5000)}b();`],
    ['cases', `switch (x) { ${Array.from({ length: 5000 }, (_, n) => `case ${n}:`).join(' ')} a(); }`],
  ])('takes very many %s', (_, body) => {
    expect(lowerAll(`void f(int x)\n{\n${body}\n}\n`).length).toBeLessThanOrEqual(1);
  });
});
