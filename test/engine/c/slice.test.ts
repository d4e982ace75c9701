import { describe, expect, it } from 'vitest';
import {
  type Configuration,
  type FunctionSlice,
  parseUnit,
  sliceFunction,
  type Tristate,
} from '../../../engine/c/index.ts';
import { complaints } from './grammar.ts';

const configuration = (fallback: Tristate): Configuration => ({ values: new Map(), fallback });

/** The slice of the first function of a text, with every symbol on. */
function slice(text: string, fallback: Tristate = 'y'): FunctionSlice {
  const unit = parseUnit('a.c', text);
  const made = sliceFunction(unit, unit.functions[0]!, configuration(fallback));
  expect(made.text.length).toBe(unit.functions[0]!.end - unit.functions[0]!.at);
  return made;
}

/** The body's text with runs of blanks shortened, for reading. */
const body = (statements: string) => {
  const text = slice(`void f(void) {${statements}}`).text;
  return text
    .slice(text.indexOf('{') + 1, -1)
    .replace(/[ \t]+/g, ' ')
    .trim();
};

const texts = (text: string, spans: readonly { at: number; end: number }[]) =>
  spans.map((span) => text.slice(span.at, span.end));

describe('signatures', () => {
  it.each([
    ['int __init f(void) {}', 'int f(void) {}'],
    ['static __printf(1, 2) void f(const char *fmt, ...) {}', 'static void f(const char *fmt, ...) {}'],
    ['asmlinkage __visible void f(struct box __user *b) {}', ' void f(struct box *b) {}'],
    ['static MY_ATTR u32 f(u32 __odd x) {}', 'static u32 f(u32 x) {}'],
    ['int f(void) __acquires(a) __must_hold(b) {}', 'int f(void) {}'],
    ['__wide f(int a) {}', '__wide f(int a) {}'],
    [
      'SYSCALL_DEFINE2(halt, unsigned long, how, int __user *, where) {}',
      'long halt( unsigned long how, int * where) {}',
    ],
    ['SYSCALL_DEFINE0(stop) {}', 'long LL_DEFINE0( ) {}'],
    ['BPF_CALL_1(get_box, struct box *, b) {}', 'u64 get_box( struct box * b) {}'],
    ['DEFINE_HANDLER(on_fault, 3) {}', 'void E_HANDLER( ) {}'],
    ['static __init f(void) {}', 'static int f(void) {}'],
    ['void (*f(struct box __user *b))(int __odd a) {}', 'void (*f(struct box *b))(int a) {}'],
    ['static typeof(x) *f(typeof(*y) a) {}', 'static typeof_x_ *f(typeof__y_ a) {}'],
  ])('%s', async (text, expected) => {
    const made = slice(text).text;
    expect(made.replace(/ +/g, ' ')).toBe(expected);
    expect(await complaints(made)).toEqual([]);
  });

  it('keeps annotations in the table', () => {
    const text =
      'int f(void) __acquires(&b->lock)\n{\n\tstruct box *b __free(put_box) = NULL;\n\tchar name[8] __cleanup(wipe);\n}';
    expect(slice(text).annotations).toEqual([
      { name: '__acquires', args: ['&b->lock'], on: 'function', variable: null, at: 12, end: 32 },
      expect.objectContaining({ name: '__free', args: ['put_box'], on: 'variable', variable: 'b' }),
      expect.objectContaining({ name: '__cleanup', args: ['wipe'], on: 'variable', variable: 'name' }),
    ]);
  });
});

describe('configurations', () => {
  const text = [
    'int f(int x)',
    '{',
    '#ifdef CONFIG_A /* comment */',
    '\tif (x) {',
    '#else',
    '\tif (!x) {',
    '#endif',
    '\t\tg();',
    '\t}',
    '#if IS_ENABLED(CONFIG_B) && \\',
    '    defined(CONFIG_C)',
    '\th();',
    '#endif',
    '}',
  ].join('\n');
  const shown = (made: FunctionSlice) =>
    made.text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');

  it('blanks what is inactive, and directives', () => {
    expect(shown(slice(text, 'y'))).toEqual(['int f(int x)', '{', 'if (x) {', 'g();', '}', 'h();', '}']);
    expect(shown(slice(text, 'n'))).toEqual(['int f(int x)', '{', 'if (!x) {', 'g();', '}', '}']);
  });

  it('makes slices with the same text once', () => {
    const unit = parseUnit('a.c', text);
    const fn = unit.functions[0]!;
    const off = sliceFunction(unit, fn, configuration('n'));
    expect(sliceFunction(unit, fn, { values: new Map([['CONFIG_OTHER', 'y']]), fallback: 'n' })).toBe(off);
    const on = sliceFunction(unit, fn, configuration('y'));
    expect(on).not.toBe(off);
    expect(on.key).not.toBe(off.key);
  });

  it('takes the branch of a signature that belongs to the variant', async () => {
    const split = '#ifdef CONFIG_A\nint f(struct box *b)\n#else\nint g(void)\n#endif\n{\n\treturn 0;\n}\n';
    const unit = parseUnit('a.c', split);
    const [f, g] = unit.functions;
    const first = sliceFunction(unit, f!, configuration('y'));
    expect(first.text.replace(/\s+/g, ' ')).toBe('int f(struct box *b) { return 0; }');
    const second = sliceFunction(unit, g!, configuration('n'));
    expect(second.text.replace(/\s+/g, ' ')).toBe('int g(void) { return 0; }');
    expect(await complaints(first.text)).toEqual([]);
  });

  it('blanks a storage class that another branch holds', () => {
    const unit = parseUnit('a.c', '#ifndef CONFIG_A\nstatic\n#endif\nint f(void)\n{\n}\n');
    const text = (fallback: Tristate) =>
      sliceFunction(unit, unit.functions[0]!, configuration(fallback)).text.replace(/\s+/g, ' ').trim();
    expect(text('y')).toBe('int f(void) { }');
    expect(text('n')).toBe('static int f(void) { }');
  });
});

describe('iterators', () => {
  it.each([
    ['for_each_cpu(cpu, mask) g(cpu);', 'while (cpu, mask) g(cpu);', 'for_each_cpu', ['cpu', 'mask'], 'loop'],
    [
      'list_for_each(p, &b->list) { g(p); }',
      'while (p, &b->list) { g(p); }',
      'list_for_each',
      ['p', '&b->list'],
      'loop',
    ],
    ['if (x) for_each_box(b) if (b) g(b);', 'if (x) while (b) if (b) g(b);', 'for_each_box', ['b'], 'loop'],
    ['for_each_all() { g(); }', 'while(1 ) { g(); }', 'for_each_all', [], 'loop'],
    ['foreach() { g(); }', 'while(1 ) { g(); }', 'foreach', [], 'loop'],
    ['eachof() { g(); }', 'while(1) { g(); }', 'eachof', [], 'loop'],
    ['FOR(x) { g(); }', 'if (x) { g(); }', 'FOR', ['x'], 'loop'],
    ['scoped_pin(b) { g(); }', 'while (b) { g(); }', 'scoped_pin', ['b'], 'once'],
    ['with_lock_held(b) { g(); }', 'while (b) { g(); }', 'with_lock_held', ['b'], 'once'],
    ['do { g(b); } for_each_box(b, c);', 'do { g(b); } while (b, c);', 'for_each_box', ['b', 'c'], 'loop'],
    [
      'for_each_p(p, struct box, list) *p = 0;',
      'while (p, struct_box, list) *p = 0;',
      'for_each_p',
      ['p', 'struct box', 'list'],
      'loop',
    ],
  ] as const)('%s', async (statements, expected, name, args, runs) => {
    const text = `void f(void) {${statements}}`;
    const made = slice(text);
    expect(body(statements)).toBe(expected);
    expect(await complaints(made.text)).toEqual([]);
    expect(made.iterators).toHaveLength(1);
    const iterator = made.iterators[0]!;
    expect([iterator.name, texts(text, iterator.args), iterator.runs]).toEqual([name, args, runs]);
    expect(text.slice(iterator.at, iterator.end)).toMatch(new RegExp(`^${name}.*\\)$`));
    expect(
      made.text.slice(iterator.at).startsWith('while') || made.text.slice(iterator.at).startsWith('if'),
    ).toBe(true);
  });

  it('are known from a macro of the file', () => {
    const text =
      '#define if_alive(b) if ((b)->alive)\n#define all(b) for (;;)\nvoid f(void) {\n\tif_alive(b) g();\n\tall(b) g();\n}';
    expect(slice(text).iterators.map((one) => one.runs)).toEqual(['once', 'loop']);
  });

  it('are not calls, declarations or macros without a semicolon', async () => {
    for (const statements of [
      'g(a);',
      'DECLARE_BITMAP(map, 8);',
      'static DEFINE_STATE(rs, 5 * HZ, 10);',
      'DECLARE_BITMAP(map, 8) = { 1, 2 };',
      '\n\tEND_BOX(b)\n\treturn;\n',
      '\n\tEND_BOX(b)\n',
      '\n\tADD(x, +)\n\tADD(y, -)\n\tg();\n',
      'N(UP) N(DOWN)\n',
      '\n\tPOSTAMBLE\n',
    ]) {
      const made = slice(`void f(void)\n{${statements}}`);
      expect(made.iterators, statements).toEqual([]);
      expect(await complaints(made.text), statements).toEqual([]);
    }
  });
});

describe('guards', () => {
  it.each([
    ['guard(mutex)(&b->lock);', 'guard', 'mutex', null, ['&b->lock'], null],
    ['guard(rcu)();', 'guard', 'rcu', null, [], null],
    ['CLASS(fd, f)(ufd);', 'class', 'fd', 'f', ['ufd'], null],
    ['ACQUIRE(mutex_intr, lock)(&b->lock);', 'class', 'mutex_intr', 'lock', ['&b->lock'], null],
    ['scoped_guard(mutex, &b->lock) { g(); }', 'scoped', 'mutex', null, ['&b->lock'], null],
    ['scoped_guard(rcu) g();', 'scoped', 'rcu', null, [], null],
    ['scoped_class(fd, f, ufd) { g(f); }', 'scoped', 'fd', 'f', ['ufd'], null],
    [
      'scoped_cond_guard(mutex_try, return -EBUSY, &b->lock) { g(); }',
      'conditional',
      'mutex_try',
      null,
      ['&b->lock'],
      'return -EBUSY',
    ],
    [
      'scoped_cond_guard(x, { r = 1; goto out; }, &b) { g(); }',
      'conditional',
      'x',
      null,
      ['&b'],
      '{ r = 1; goto out; }',
    ],
  ] as const)('%s', async (statements, form, guardClass, variable, args, failure) => {
    const text = `void f(void) {${statements}}`;
    const made = slice(text);
    expect(await complaints(made.text)).toEqual([]);
    expect(made.guards).toHaveLength(1);
    const guard = made.guards[0]!;
    expect([guard.form, guard.guardClass, guard.variable, texts(text, guard.args)]).toEqual([
      form,
      guardClass,
      variable,
      args,
    ]);
    expect(guard.failure?.text ?? null).toBe(failure);
    expect(guard.at).toBe(14);
    if (guard.failure !== null) {
      expect(text.slice(guard.failure.at, guard.failure.end)).toBe(failure);
      expect(made.text.slice(guard.failure.at, guard.failure.end).trim()).toBe('');
    }
  });
});

describe('arguments that are not expressions', () => {
  it.each([
    ['b = container_of(p, struct box, list);', 'b = container_of(p, struct_box, list);', ['type struct box']],
    ['x = va_arg(args, int);', 'x = va_arg(args, _nt);', ['type int']],
    ['p = alloc(const struct box *);', 'p = alloc(const_struct_box__);', ['type const struct box *']],
    ['p = alloc(box_t __user *);', 'p = alloc(box_t___user__);', ['type box_t __user *']],
    ['CHECK(a, ==, b);', 'CHECK(a, __, b);', ['operator ==']],
    ['CHECK(a, return -1);', 'CHECK(a, return__1);', ['statement return -1']],
    ['WAIT(a, g(); h());', 'WAIT(a, g____h__);', ['statement g(); h()']],
    ['SET(b, .x = 1);', 'SET(b, _x___1);', ['other .x = 1']],
    ['SET(b, { 1, 2 });', 'SET(b, __1__2__);', ['other { 1, 2 }']],
    ['FLAG(32BIT_X);', 'FLAG(_2BIT_X);', ['other 32BIT_X']],
    ['g(a, , b);', 'g(a,_, b);', ['other ']],
    ['x = offsetof(struct box, a.b[1]);', 'x = offsetof(struct box, a_b_1_);', ['other a.b[1]']],
    ['x = _Generic(y, int: 1, default: 2);', 'x = __eneric_y__int__1__default__2_;', null],
    ['typeof(*p) q = 0;', 'typeof__p_ q = 0;', ['type typeof(*p)']],
    ['x = sizeof(struct box __user *);', 'x = sizeof(struct box *);', []],
    ['x = (struct box __force *)p + ((__odd u32)q);', 'x = (struct box *)p + (( u32)q);', []],
    ['GENRADIX(struct box) tree;', 'GENRADIX_struct_box_ tree;', ['type GENRADIX(struct box)']],
    ['const auto x = g();', 'const _uto x = g();', ['type auto']],
    ['g({ int r = h(); r; });', 'g({ int r = h(); r; });', []],
  ])('%s', async (statements, expected, typeArguments) => {
    const made = slice(`void f(void) {${statements}}`);
    if (typeArguments !== null) {
      expect(body(statements)).toBe(expected);
      expect(made.typeArguments.map((one) => `${one.what} ${one.text}`)).toEqual(typeArguments);
    }
    expect(await complaints(made.text)).toEqual([]);
  });

  it('keep newlines inside', async () => {
    const made = slice('void f(void) {\n\tb = container_of(p, struct\n\t\tbox, list);\n}');
    expect(made.text).toBe('void f(void) {\n\tb = container_of(p, _truct\n     , list);\n}');
    expect(await complaints(made.text)).toEqual([]);
  });
});

describe('statements that the grammar lacks', () => {
  it('reads case ranges, label addresses and computed gotos', async () => {
    const text =
      'void f(int x) {\n\tswitch (x) {\n\tcase 1 ... 5:\n\tcase A...B: g();\n\t}\n\tp = &&out;\n\tgoto *p;\nout:\n\tg();\n}';
    const made = slice(text);
    expect(await complaints(made.text)).toEqual([]);
    expect(texts(text, made.caseRanges)).toEqual(['...', '...']);
    expect(made.text.slice(made.caseRanges[0]!.at, made.caseRanges[0]!.end)).toBe(' ||');
    expect(texts(text, made.labelAddresses)).toEqual(['&&']);
    expect(texts(text, made.computedGotos)).toEqual(['goto']);
  });

  it.each([
    'if (x) { out: }',
    '__label__ here, there; here: there: g();',
    'asm volatile("nop" : "=r" (x) : "r" ((u32 __force)y) : "memory");',
    'asm_inline volatile (ALTERNATIVE("a", "b", 3) : : "r" (x));',
    'asm goto("x" : : : : out); out: g();',
    'register long r asm("r0") = 3;',
    'g("text" PRI(x) "more" __stringify(Y));',
    'static const void *table[4] __odd_section = { 0 };',
    'struct { int a; DECLARE_BITMAP(b, 8); u8 c : 3; } __packed *p = x;',
    'int x __maybe_unused, y __aligned(8) = 1, z MY_ATTR(3);',
    'long size = 16 KB;',
    'struct box __percpu *p, __rcu **q;',
    'x = a ?: b;',
    'const struct box *ops[] = { &one, MORE_OPS EVEN_MORE &two };',
    'for (struct box *b = first(); b; b = b->next) g(b);',
    'g(a, (struct box) { .x = 1 });',
    'return ({ int r = g(); r; });',
  ])('%s', async (statements) => {
    expect(await complaints(slice(`int f(int a)\n{\n\t${statements}\n}`).text)).toEqual([]);
  });
});
