import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  and,
  type Condition,
  type Configuration,
  configurationSpace,
  definedTest,
  evaluate,
  FALSE,
  formatCondition,
  negate,
  or,
  parseCondition,
  symbolsOf,
  TRUE,
  type Tristate,
} from '../../../engine/c/index.ts';

const configuration = (values: Record<string, Tristate>, fallback: Tristate = 'n'): Configuration => ({
  values: new Map(Object.entries(values)),
  fallback,
});

describe('parseCondition', () => {
  it.each([
    ['defined(CONFIG_A) && !defined CONFIG_B', 'defined(CONFIG_A) && !defined(CONFIG_B)'],
    ['IS_ENABLED(CONFIG_A) || IS_BUILTIN(CONFIG_B)', 'IS_ENABLED(CONFIG_A) || IS_BUILTIN(CONFIG_B)'],
    ['defined(CONFIG_A_MODULE)', 'IS_MODULE(CONFIG_A)'],
    ['IS_MODULE(CONFIG_A)', 'IS_MODULE(CONFIG_A)'],
    ['!(defined(A) || defined(B))', '!defined(A) && !defined(B)'],
    ['0', '0'],
    ['1 /* always */', '1'],
    ['0x0UL', '0'],
    ['FOO', 'defined(FOO)'],
    ['CONFIG_LEVELS > 3', 'CONFIG_LEVELS > 3'],
    ['CONFIG_LEVELS <= 3', '!(CONFIG_LEVELS > 3)'],
    ['A_SIZE != B_SIZE && defined(X)', '!(A_SIZE == B_SIZE) && defined(X)'],
    ['VERSION(1, 2) >= NOW', 'VERSION ( 1 , 2 ) >= NOW'],
    ['defined(A) && \\\n defined(B)', 'defined(A) && defined(B)'],
    ['defined(A) && (!defined(A) || defined(B))', 'defined(A) && defined(B)'],
    ['', ''],
    ['((', '( ('],
  ])('%s', (text, expected) => {
    expect(formatCondition(parseCondition(text))).toBe(expected);
  });

  it('accepts any text, however deep or long', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        formatCondition(parseCondition(text));
      }),
    );
    expect(symbolsOf(parseCondition(`${'('.repeat(100_000)}A${')'.repeat(100_000)}`))).toHaveLength(1);
    const long = Array.from({ length: 200_000 }, (_, i) => `defined(A${i})`).join(' || ');
    expect(symbolsOf(parseCondition(long))).toHaveLength(200_000);
    expect(symbolsOf(parseCondition('!'.repeat(100_000)))).toHaveLength(1);
  });
});

describe('evaluate', () => {
  it.each([
    ['defined(CONFIG_A)', 'y', true],
    ['defined(CONFIG_A)', 'm', false],
    ['defined(CONFIG_A_MODULE)', 'm', true],
    ['defined(CONFIG_A_MODULE)', 'y', false],
    ['IS_ENABLED(CONFIG_A)', 'm', true],
    ['IS_BUILTIN(CONFIG_A)', 'm', false],
    ['IS_BUILTIN(CONFIG_A)', 'y', true],
    ['IS_MODULE(CONFIG_A)', 'm', true],
    ['IS_REACHABLE(CONFIG_A)', 'n', false],
    ['CONFIG_A', 'y', true],
  ] as const)('%s with %s is %s', (text, value, expected) => {
    expect(evaluate(parseCondition(text), configuration({ CONFIG_A: value }))).toBe(expected);
  });

  it('falls back for configuration symbols alone', () => {
    const all = configuration({}, 'y');
    expect(evaluate(definedTest('CONFIG_ANY'), all)).toBe(true);
    expect(evaluate(definedTest('MODULE'), all)).toBe(false);
    expect(evaluate(parseCondition('PAGE_SHIFT > 12'), all)).toBe(false);
    expect(evaluate(parseCondition('PAGE_SHIFT > 12'), configuration({ 'PAGE_SHIFT > 12': 'y' }))).toBe(true);
    expect(evaluate(definedTest('__KERNEL__'), configuration({}))).toBe(true);
    expect(evaluate(definedTest('__KERNEL__'), configuration({ __KERNEL__: 'n' }))).toBe(false);
  });
});

describe('the algebra', () => {
  const leaf = fc.constantFrom('A', 'B', 'C').map((name): Condition => definedTest(name));
  const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.constantFrom(TRUE, FALSE),
      tie('condition').map(negate),
      fc.array(tie('condition'), { maxLength: 3 }).map((list) => and(...list)),
      fc.array(tie('condition'), { maxLength: 3 }).map((list) => or(...list)),
    ),
  }));
  const all = configurationSpace(['A', 'B', 'C'], configuration({}), 8).configurations;

  it('keeps the meaning', () => {
    fc.assert(
      fc.property(condition, condition, (a, b) => {
        for (const one of all) {
          expect(evaluate(and(a, b), one)).toBe(evaluate(a, one) && evaluate(b, one));
          expect(evaluate(or(a, b), one)).toBe(evaluate(a, one) || evaluate(b, one));
          expect(evaluate(negate(a), one)).toBe(!evaluate(a, one));
          expect(evaluate(parseCondition(formatCondition(a)), one)).toBe(evaluate(a, one));
        }
      }),
    );
  });

  it('folds contradictions, tautologies and absorption', () => {
    const [a, b] = [definedTest('A'), definedTest('B')];
    expect(and(a, negate(a))).toEqual(FALSE);
    expect(or(a, negate(a))).toEqual(TRUE);
    expect(and(a, or(a, b))).toEqual(a);
    expect(formatCondition(or(a, and(negate(a), b)))).toBe('defined(A) || defined(B)');
    expect(and()).toEqual(TRUE);
    expect(or()).toEqual(FALSE);
  });
});

describe('configurationSpace', () => {
  const shown = (symbols: string[], limit: number, fixed = configuration({}), tristate?: Set<string>) => {
    const { configurations, complete } = configurationSpace(symbols, fixed, limit, tristate);
    return { complete, rows: configurations.map((c) => symbols.map((s) => c.values.get(s)).join('')) };
  };

  it('tries all combinations where they fit', () => {
    expect(shown(['A', 'B'], 4)).toEqual({ complete: true, rows: ['yy', 'yn', 'ny', 'nn'] });
  });
  it('tries all on, all off and single flips where they do not', () => {
    expect(shown(['A', 'B', 'C'], 7)).toEqual({
      complete: false,
      rows: ['yyy', 'nnn', 'nyy', 'yny', 'yyn', 'ynn', 'nyn'],
    });
    expect(shown(['A', 'B', 'C'], 1).rows).toEqual(['yyy']);
  });
  it('leaves fixed symbols alone', () => {
    expect(shown(['A', 'B'], 4, configuration({ A: 'm' })).rows).toEqual(['my', 'mn']);
  });
  it('tries modules where asked', () => {
    expect(shown(['A'], 4, configuration({}), new Set(['A'])).rows).toEqual(['y', 'm', 'n']);
    expect(shown(['A', 'B'], 4, configuration({}), new Set(['A']))).toEqual({
      complete: false,
      rows: ['yy', 'yn', 'ny', 'nn'],
    });
  });
});
