import { describe, expect, it } from 'vitest';
import { macroAsFunction, parseUnit } from '../../../engine/c/index.ts';
import { complaints } from './grammar.ts';

function read(text: string) {
  const unit = parseUnit('a.h', text);
  return macroAsFunction(unit, unit.macros[0]!);
}

describe('macroAsFunction', () => {
  it.each([
    ['#define lock_box(b) do { lock(&(b)->lock); } while (0)', false, ['lock']],
    ['#define sum(a, b...) (one(a) + two(b))', true, ['one', 'two']],
    ['#define get(b) ({ struct box *x = (b); hold(x); x; })', true, ['hold']],
    [
      '#define all(b) \\\n\tdo {\t\\\n\t\tfor_each_box(p, b) \\\n\t\t\tlock(p);\t\\\n\t} while (0)',
      false,
      ['for_each_box', 'lock'],
    ],
    ['#define both(a) one(a); two(a)', true, ['one', 'two']],
    ['#define maybe(a) if (a) one(a)', false, ['one']],
    ['#define paste(a) lock_##a(#a, ##__VA_ARGS__) // comment', true, ['lock_##a']],
    ['#define tight(a)(one(a))', true, ['one']],
    ['#\tdefine  ended(a) one(a); /* why */', false, ['one']],
  ])('%s', async (text, isExpression, calls) => {
    const made = read(text)!;
    expect(made.isExpression).toBe(isExpression);
    if (!text.includes('##')) expect(made.fn.calls).toEqual(calls);
    expect(await complaints(made.slice.text)).toEqual([]);
    // The body stays where it is: every call is found at its own offset.
    for (const call of calls.filter((name) => !name.includes('#') && !name.startsWith('for_'))) {
      const at = text.indexOf(`${call}(`, text.indexOf(')'));
      expect(made.slice.text.slice(at - made.slice.offset, at - made.slice.offset + call.length)).toBe(call);
    }
    expect(made.slice.text.length).toBe(text.length + 2);
  });

  it('knows where its parameters are', () => {
    const text = '\n#define f(a, bc, ...) g(a, bc, __VA_ARGS__)\n';
    const { params, fn } = read(text)!;
    expect(params.map(({ name, at, end }) => [name, text.slice(at, end)])).toEqual([
      ['a', 'a'],
      ['bc', 'bc'],
      ['__VA_ARGS__', '...'],
    ]);
    expect(text.slice(fn.nameAt, fn.nameAt + 1)).toBe('f');
  });

  it('reads iterators and guards in the body', () => {
    const text = '#define f(b) do { guard(mutex)(&(b)->lock); list_for_each(p, b) g(p); } while (0)';
    const { slice } = read(text)!;
    expect(slice.guards[0]).toMatchObject({ form: 'guard', guardClass: 'mutex' });
    expect(slice.iterators[0]).toMatchObject({ name: 'list_for_each', at: text.indexOf('list_for_each') });
  });

  it.each(['#define NOTHING', '#define BEGIN(x) do {', '#define END(x) } while (0)', '#define OPEN(x) g(x'])(
    'has no function for %s',
    (text) => {
      expect(read(text)).toBeNull();
    },
  );
});
