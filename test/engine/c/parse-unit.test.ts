import { describe, expect, it } from 'vitest';
import { formatCondition, parseUnit } from '../../../engine/c/index.ts';

const functionsOf = (text: string) =>
  parseUnit('a.c', text).functions.map((fn) => `${fn.name} if ${formatCondition(fn.presence)}`);
const only = (text: string) => parseUnit('a.c', text).functions[0]!;

describe('functions', () => {
  it.each([
    ['int f(void) { return 0; }', 'f'],
    ['static inline struct box *f(struct box *b)\n{\n}', 'f'],
    ['static __init int f(void) {}', 'f'],
    ['int __init f(void) {}', 'f'],
    ['__printf(1, 2)\nvoid f(const char *fmt, ...) {}', 'f'],
    ['static __sum_t f(int a) {}', 'f'],
    ['static bool __must_check __f(struct box *b) __releases(&b->lock) {}', '__f'],
    ['void (*f(int a))(int) { return 0; }', 'f'],
    ['handler_t (*f(int a))(int) { return 0; }', 'f'],
    ['void f(void) __acquires(x)\n\t__must_hold(y)\n{}', 'f'],
    ['SYSCALL_DEFINE2(halt, unsigned long, how, int __user *, where)\n{}', 'sys_halt'],
    ['COMPAT_SYSCALL_DEFINE1(halt, int, how) {}', 'compat_sys_halt'],
    ['BPF_CALL_1(get_box, struct box *, b) {}', 'get_box'],
    ['DEFINE_HANDLER(on_fault)\n{}', 'on_fault'],
    ['module_init(start)\nint f(void) {}', 'f'],
    ['static DEFINE_QUEUE(queue)\nstatic int f(void) {}', 'f'],
    ['#ifdef __ASSEMBLY__\n.macro BEGIN\n.endm\n#else\nint f(void) {}\n#endif', 'f'],
    ['lock_struct(box) {\n\tint a;\n};\nint f(void) {}', 'f'],
    ['LIST_OF_THINGS\n#undef THING\nint f(void) {}', 'f'],
    ['UNHANDLED(a, b)\nasmlinkage void f(void) {}', 'f'],
    ['extern "C" {\nint f(void) {}\n}', 'f'],
    ['struct box { int a; } __packed;\nint f(void) {}', 'f'],
    ['struct box x = { .a = ({ int b = 1; b; }) };\nint f(void) {}', 'f'],
  ])('%j defines %s', (text, name) => {
    const unit = parseUnit('a.c', text);
    expect(unit.functions.map((fn) => fn.name)).toEqual([name]);
    const fn = unit.functions[0]!;
    expect(text[fn.bodyAt]).toBe('{');
    expect(text[fn.end - 1]).toBe('}');
    expect(name.endsWith(text.slice(fn.nameAt, fn.nameAt + 1 + name.length).match(/^\w+/)![0])).toBe(true);
  });

  it('says what a definition is like', () => {
    const text = [
      'static __always_inline int f(struct box *b) __acquires(&b->lock)',
      '{',
      '\tif (IS_ENABLED(CONFIG_BOX_DEBUG))',
      '\t\tcheck(b);',
      '#ifdef CONFIG_BOX_FAST',
      '\tfast(b, sizeof(*b));',
      '#endif',
      '\treturn lock(b) ? check(b) : -1;',
      '}',
    ].join('\n');
    expect(only(text)).toMatchObject({
      at: 0,
      end: text.length,
      isStatic: true,
      isInline: true,
      definedBy: 'function',
      symbols: ['CONFIG_BOX_DEBUG', 'CONFIG_BOX_FAST'],
      calls: ['check', 'fast', 'lock'],
      annotations: [{ name: '__acquires', args: ['&b->lock'] }],
    });
    expect(only('SYSCALL_DEFINE0(stop) {}').definedBy).toBe('SYSCALL_DEFINE0');
  });

  it('finds the variants of an #if with their conditions', () => {
    expect(
      functionsOf(
        '#ifdef CONFIG_A\nint f(void) { a(); }\n#elif defined(CONFIG_B)\nint f(void) {}\n#else\nint f(void) {}\n#endif\nint g(void) {}',
      ),
    ).toEqual([
      'f if defined(CONFIG_A)',
      'f if !defined(CONFIG_A) && defined(CONFIG_B)',
      'f if !defined(CONFIG_A) && !defined(CONFIG_B)',
      'g if 1',
    ]);
  });

  it('finds signatures that are split over branches', () => {
    const text =
      '#ifdef CONFIG_A\nint f(struct box *b)\n#else\nint g(void)\n#endif\n{\n\treturn 0;\n}\nint h(void) {}';
    expect(functionsOf(text)).toEqual(['f if defined(CONFIG_A)', 'g if !defined(CONFIG_A)', 'h if 1']);
    const [f, g] = parseUnit('a.c', text).functions;
    expect([f!.bodyAt, f!.end]).toEqual([g!.bodyAt, g!.end]);
  });

  it('finds definitions whose storage class alone is in a branch', () => {
    expect(functionsOf('#ifndef CONFIG_A\nstatic\n#endif\nint f(void)\n{\n}\n')).toEqual(['f if 1']);
  });

  it('finds the end of bodies whose braces are split over branches', () => {
    const text = [
      'int f(int x)',
      '{',
      '#ifdef CONFIG_A',
      '\tif (x) {',
      '#endif',
      '\tg();',
      '#ifdef CONFIG_A',
      '\t}',
      '#endif',
      '}',
      '#ifdef CONFIG_B',
      'int h(void) {',
      '\ta();',
      '#else',
      'int h(int y) {',
      '#endif',
      '\tb();',
      '}',
      'int last(void) {}',
    ].join('\n');
    const unit = parseUnit('a.c', text);
    const shown = unit.functions.map(
      (fn) => `${fn.name} ${unit.position(fn.at).line}-${unit.position(fn.end).line}`,
    );
    expect(shown).toEqual(['f 1-10', 'h 12-18', 'h 15-18', 'last 19-19']);
    expect(functionsOf(text)).toContain('h if defined(CONFIG_B)');
    expect(functionsOf(text)).toContain('h if !defined(CONFIG_B)');
  });

  it('ends a body at a brace in column 0 where braces do not balance', () => {
    const unit = parseUnit('a.c', 'int f(void)\n{\n\tif (x) {\n\t\tg();\n}\n\nint h(void)\n{\n}\n');
    expect(unit.functions.map((fn) => fn.name)).toEqual(['f', 'h']);
    expect(unit.problems.map((p) => p.message)).toEqual(['braces do not balance']);
  });

  it('does not take an include guard for a condition', () => {
    expect(
      functionsOf('/* x */\n#ifndef _BOX_H\n#define _BOX_H\nint f(void) {}\n#endif /* _BOX_H */\n'),
    ).toEqual(['f if 1']);
    expect(functionsOf('#ifndef _BOX_H\n#define _BOX_H\n#endif\nint f(void) {}')).toEqual(['f if 1']);
    expect(functionsOf('#ifndef BOX_FAST\n#define BOX_FAST\nint f(void) {}\n#endif\nint g(void) {}')).toEqual(
      ['f if !defined(BOX_FAST)', 'g if 1'],
    );
  });
});

describe('other definitions', () => {
  it('reads macros with joined lines', () => {
    const { macros } = parseUnit(
      'a.h',
      '#define A 1\n#ifdef CONFIG_X\n# define lock_box(b, ...) \\\n\tdo { lock(b); } \\\n\twhile (0)\n#endif\n#define EMPTY\n',
    );
    expect(
      macros.map(({ name, params, body, presence }) => [name, params, body, formatCondition(presence)]),
    ).toEqual([
      ['A', null, '1', '1'],
      ['lock_box', ['b', '...'], 'do { lock(b); }  \twhile (0)', 'defined(CONFIG_X)'],
      ['EMPTY', null, '', '1'],
    ]);
  });

  it('reads initialisers', () => {
    const { initialisers } = parseUnit(
      'a.c',
      [
        'static const struct box_operations __ro_after_init box_ops = {',
        '\t.start = box_start, /* first */',
        '#ifdef CONFIG_A',
        '\t.stop\t= box_stop,',
        '#endif',
        '\t.inner = { .show = box_show },',
        '};',
        'struct entry table[] = { { .fn = one }, [4] = { .fn = two, }, };',
        'int plain = 3;',
      ].join('\n'),
    );
    expect(
      initialisers.map((one) => [one.type, one.name, one.fields.map((f) => `${f.name}=${f.value}`)]),
    ).toEqual([
      ['const struct box_operations', 'box_ops', ['start=box_start', 'stop=box_stop', 'inner.show=box_show']],
      ['struct entry', 'table', ['[0].fn=one', '[4].fn=two']],
    ]);
  });

  it('reads structs', () => {
    const { structs } = parseUnit(
      'a.h',
      [
        'struct box {',
        '\tspinlock_t lock;\t/* protects all */',
        '\tstruct box __rcu *next, **last;',
        '\tunsigned int flags : 3, mode : 2;',
        '\tint (*open)(struct box *b, int how);',
        '\tunion { int a; struct { long b; }; };',
        '\tstruct { int c; } inner;',
        '\tchar name[16] __aligned(8);',
        '\tDECLARE_BITMAP(bits, 8);',
        '\tint count __guarded_by(&lock);',
        '} __packed;',
        'typedef union { int x; } number_t;',
        'enum colour { RED, GREEN };',
      ].join('\n'),
    );
    expect(structs.map((one) => [one.tag, one.fields.map((f) => `${f.name}: ${f.type}`)])).toEqual([
      [
        'box',
        [
          'lock: spinlock_t',
          'next: struct box __rcu *',
          'last: struct box __rcu * *',
          'flags: unsigned int',
          'mode: unsigned int',
          'open: int (*)(struct box *b, int how)',
          'a: int',
          'b: long',
          'inner: struct {…}',
          'inner.c: int',
          'name: char []',
          'bits: DECLARE_BITMAP',
          'count: int',
        ],
      ],
      ['number_t', ['x: int']],
    ]);
  });

  it('reads guards, with and without a semicolon', () => {
    const { guards } = parseUnit(
      'a.h',
      [
        'DEFINE_GUARD(box, struct box *, lock_box(_T), unlock_box(_T))',
        'DEFINE_GUARD_COND(box, _try, trylock_box(_T))',
        'DEFINE_FREE(put_box, struct box *, if (!IS_ERR_OR_NULL(_T)) put_box(_T));',
        'DEFINE_CLASS(box, struct box *, put_box(_T), get_box(id), int id)',
        'DEFINE_MUTEX(not_a_guard);',
      ].join('\n'),
    );
    expect(guards.map((one) => [one.macro, ...one.args])).toEqual([
      ['DEFINE_GUARD', 'box', 'struct box *', 'lock_box(_T)', 'unlock_box(_T)'],
      ['DEFINE_GUARD_COND', 'box', '_try', 'trylock_box(_T)'],
      ['DEFINE_FREE', 'put_box', 'struct box *', 'if (!IS_ERR_OR_NULL(_T)) put_box(_T)'],
      ['DEFINE_CLASS', 'box', 'struct box *', 'put_box(_T)', 'get_box(id)', 'int id'],
    ]);
  });

  it('reads prototypes with their annotations', () => {
    const { prototypes } = parseUnit(
      'a.h',
      'extern void lock_box(struct box *b) __acquires(&b->lock);\n__must_check int f(void) __cond_acquires(0, x);\ntypedef int (*fn_t)(int);\nint value;\nmacro(x);',
    );
    expect(
      prototypes.map((one) => [one.name, one.annotations.map((a) => `${a.name}(${a.args.join()})`)]),
    ).toEqual([
      ['lock_box', ['__acquires(&b->lock)']],
      ['f', ['__cond_acquires(0,x)']],
    ]);
  });

  it('reads includes and symbol tests', () => {
    const text =
      '#include <linux/box.h>\n#include "a.h" // own\n#if IS_ENABLED(CONFIG_A) && defined(CONFIG_B_MODULE)\n#endif\nint x = IS_ENABLED(CONFIG_C) + OTHER_CONFIG_D; /* CONFIG_E */\n#define F IF_ENABLED(CONFIG_F, g)\n';
    const unit = parseUnit('a.c', text);
    expect(unit.includes).toEqual(['<linux/box.h>', '"a.h"']);
    expect(unit.symbolTests.map((t) => `${t.symbol} ${t.how} ${text.slice(t.at, t.end)}`)).toEqual([
      'CONFIG_A preprocessor CONFIG_A',
      'CONFIG_B preprocessor CONFIG_B_MODULE',
      'CONFIG_C expression CONFIG_C',
      'CONFIG_F expression CONFIG_F',
    ]);
  });
});

describe('positions and conditions', () => {
  const text = 'int a;\r\n#ifdef CONFIG_A\nint b;\n#endif\nint c;';
  const unit = parseUnit('a.c', text);

  it('turns offsets into lines and back', () => {
    expect(unit.position(0)).toEqual({ line: 1, column: 1 });
    expect(unit.position(text.indexOf('b;'))).toEqual({ line: 3, column: 5 });
    expect(unit.position(text.length + 5)).toEqual({ line: 5, column: 7 });
    expect(unit.line(1)).toBe('int a;');
    expect(unit.line(5)).toBe('int c;');
    expect(unit.line(9)).toBe('');
    expect(text.slice(unit.lineStart(3), unit.lineStart(3) + 5)).toBe('int b');
  });
  it('knows the condition of an offset', () => {
    expect(formatCondition(unit.conditionAt(text.indexOf('b;')))).toBe('defined(CONFIG_A)');
    expect(formatCondition(unit.conditionAt(text.indexOf('c;')))).toBe('1');
  });
  it('says what it could not read', () => {
    const messages = (source: string) => parseUnit('a.c', source).problems.map((p) => p.message);
    expect(messages('#endif\n#else\n')).toEqual(['#endif without #if', '#else without #if']);
    expect(messages('#if A\n')).toEqual(['#if without #endif']);
    expect(messages('int a; /* never ends')).toEqual(['comment without an end']);
    expect(messages('int f(void) { return 1; }')).toEqual([]);
  });
});
