import { describe, expect, it } from 'vitest';
import {
  type Configuration,
  type FunctionIR,
  type LowerOptions,
  lowerFunction,
  lowerMacro,
  parseUnit,
  printInstruction,
  printIR,
} from '../../../engine/c/index.ts';
import { testParser } from '../parser.ts';

const parser = await testParser();
const CONFIGURATION: Configuration = { values: new Map([['CONFIG_A', 'y']]), fallback: 'n' };

function lower(text: string, options: LowerOptions = {}): FunctionIR {
  const unit = parseUnit('test.c', text);
  return lowerFunction(parser, unit, unit.functions[0]!, CONFIGURATION, options);
}

/** The instructions and terminators of a body, without its first and last line. */
function listing(body: string, params = 'struct s *p, int x'): string[] {
  const lines = printIR(lower(`int f(${params})\n{\n${body}\n}\n`)).split('\n');
  return lines.slice(lines.indexOf('0: entry') + 1, -1).map((line) => line.trim());
}

describe('expressions', () => {
  it.each([
    ['x = g(x);', ['x = call g(x)']],
    ['p->a = g(h(x), 2);', ['%1 = call h(x)', 'p->a = call g(%1, 2)']],
    ['x = (long)g();', ['%1 = call g()', 'x = (long)%1']],
    ['x += g();', ['%1 = call g()', 'x = x + %1']],
    ['p->n[x] <<= 2;', ['p->n[x] = p->n[x] << 2']],
    ['x = y = z;', ['y = z', 'x = y']],
    ['x++;', ['x = x + 1']],
    ['x = p->n--;', ['%1 = p->n', 'p->n = %1 - 1', 'x = %1']],
    ['x = ++p->n;', ['p->n = p->n + 1', 'x = p->n']],
    ['*p++ = *q++;', ['%1 = p', 'p = %1 + 1', '%2 = q', 'q = %2 + 1', '*%1 = *%2']],
    ['x = (a(), b(), 3);', ['call a()', 'call b()', 'x = 3']],
    ['(void)g();', ['call g()']],
    ['(void)x;', []],
    ['x = -EINVAL;', ['x = -EINVAL']],
    ['x = -1 + ~0x1fUL - 010;', ['x = -1 + ~0x1fUL - 010']],
    ["x = 'a' + '\\n';", ["x = 'a' + '\\n'"]],
    ['x = sizeof(*p) + sizeof(struct s);', ['x = sizeof(*p) + sizeof(struct s)']],
    ['x = (u64)(y) + 1;', ['x = (u64)y + 1']],
    ['x = (gfp_t)-1;', ['x = (gfp_t)-1']],
    ['x = (size_t)&p->a;', ['x = (size_t)&p->a']],
    ['x = &*p;', ['x = p']],
    ['x = *&p->a;', ['x = p->a']],
    ['g(&(struct t){ .a = 1, 2 });', ['%1 = (struct t){ .a = 1, 2 }', 'call g(&%1)']],
    ['x = ({ int r = g(); r; });', ['r = call g()', 'x = r']],
    ['x = container_of(p, struct t, m);', ['x = call container_of(p, struct t, m)']],
    ['(*p->op)(x);', ['call (*p->op)(x)']],
    ['x = IS_ENABLED(CONFIG_A) + IS_ENABLED(CONFIG_B);', ['x = IS_ENABLED(CONFIG_A) + IS_ENABLED(CONFIG_B)']],
    ['x = p ? 1 : 2;', ['if p goto 1 else 2', '1:', 'x = 1', 'goto 3', '2:', 'x = 2', 'goto 3', '3:']],
    [
      'x = g() ?: h(x);',
      ['%1 = call g()', 'if %1 goto 2 else 1', '1:', '%1 = call h(x)', 'goto 2', '2:', 'x = %1'],
    ],
    [
      'x = p && g();',
      [
        'if p goto 1 else 3',
        '1:',
        '%1 = call g()',
        'if %1 goto 2 else 3',
        '2:',
        'x = 1',
        'goto 4',
        '3:',
        'x = 0',
        'goto 4',
        '4:',
      ],
    ],
    ['g(true, false, NULL, "a" "b");', ['call g(true, false, NULL, "a" "b")']],
    [
      'asm("x" : "=r"(x), [o] "+m"(p->a) : "r"(g()));',
      [
        'call g()',
        'opaque (inline assembly): asm("x" : "=r"(x), [o] "+m"(p->a) : "r"(g()))',
        'x = <set by assembly>',
        'p->a = <set by assembly>',
      ],
    ],
  ])('%s', (body, expected) => {
    expect(listing(body)).toEqual([...expected, 'return']);
  });

  it('gives numbers their values', () => {
    const ir = lower("void f(void) { g(0x1fUL, 017, 0b11, 42u, '\\x41', '\\n', -5, 0xffffffff, 08); }");
    const call = ir.blocks[0]!.instructions[0]!;
    const values =
      call.kind === 'call' ? call.args.map((one) => (one.kind === 'number' ? one.value : null)) : [];
    expect(values).toEqual([31, 15, 3, 42, 65, 10, -5, 4294967295, 8]);
  });

  it('passes an argument that is a place as that place', () => {
    expect(listing('spin_lock_irqsave(&p->lock, flags[x]);')[0]).toBe(
      'call spin_lock_irqsave(&p->lock, flags[x])',
    );
  });

  it('knows calls through parameters and locals from calls of functions', () => {
    const calls = lower('void f(int (*a)(void)) { int (*b)(void) = a; a(); b(); c(); }').blocks[0]!
      .instructions;
    expect(calls.flatMap((one) => (one.kind === 'call' ? [one.name] : []))).toEqual([null, null, 'c']);
  });
});

describe('declarations', () => {
  it('reads types, and renames what shadows', () => {
    const ir =
      lower(`static struct s *f(const char __user *buf, unsigned long a[4], int (*fn)(int), void *, ...)
{
	static int count = 3, none;
	struct t *p, **q = &p, v[2][3];
	extern int other;
	int proto(int);
	{
		long p = other;
		use(p, count);
	}
	for (int p = 0; p < 3; p++)
		use(p, proto);
	return NULL;
}`);
    expect([ir.returnType, ir.isStatic]).toEqual(['struct s *', true]);
    expect(ir.params.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'buf: const char *',
      'a: unsigned long [4]',
      'fn: int (*)(int)',
      '%param3: void *',
    ]);
    expect(ir.locals.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'count: int',
      'none: int',
      'p: struct t *',
      'q: struct t **',
      'v: struct t [2][3]',
      'p@2: long',
      'p@3: int',
    ]);
    expect(ir.locals[0]).toMatchObject({ isStatic: true, initial: { kind: 'number', value: 3 } });
    expect(printIR(ir)).toContain('call use(p@3, proto)');
    expect(printIR(ir)).not.toContain('declare count');
  });

  it('shows types as they are written, whatever the parser was given for them', () => {
    const ir = lower(`int f(struct s __user *p)
{
	typeof(p->x) y = p->x;
	const struct t __maybe_unused *const t = g((struct u __force *)p);
	void (*hooks[2])(int, char __user *) = { a, b };
}`);
    expect([...ir.params, ...ir.locals].map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'p: struct s *',
      'y: typeof(p->x)',
      't: const struct t *const',
      'hooks: void (*[2])(int, char __user *)',
    ]);
    expect(printIR(ir)).toContain('t = call g((struct u *)p)');
  });

  it('assigns an aggregate as a whole, with its calls made before', () => {
    expect(listing('struct t v = { .a.b = g(), .c = { 1, [2] = x }, old: 3 };')).toEqual([
      '%1 = call g()',
      'v = { .a.b = %1, .c = { 1, [2] = x }, .old = 3 }',
      'return',
    ]);
  });

  it('runs cleanups for the declaration that they are written on', () => {
    expect(
      listing(
        'struct t *a __free(kfree) = g(), *b = h();\nif (x) { struct t *b __cleanup(put) = g(); use(b); }',
      ),
    ).toEqual([
      'a = call g()',
      'b = call h()',
      'if x goto 1 else 2',
      '1:',
      'b@2 = call g()',
      'call use(b@2)',
      'call put(&b@2)',
      'goto 2',
      '2:',
      'cleanup kfree(a)',
      'return',
    ]);
  });
});

describe('ends of scopes', () => {
  it('makes the value of a return before guards are left', () => {
    expect(listing('guard(mutex)(&p->lock); return p->value;')).toEqual([
      '%guard1 = enter mutex(&p->lock)',
      '%1 = p->value',
      'exit mutex(%guard1)',
      'return %1',
    ]);
    expect(listing('guard(mutex)(&p->lock); return -EINVAL;').at(-1)).toBe('return -EINVAL');
  });

  it('gives the variable of a skipped guard the value with which its end does nothing', () => {
    expect(listing('if (x) goto out; guard(mutex)(&p->lock); g(); out: return h();')).toEqual([
      'if x goto 1 else 2',
      '1:',
      '%guard1 = 0',
      'goto 3',
      '2:',
      '%guard1 = enter mutex(&p->lock)',
      'call g()',
      'goto 3',
      '3: out:',
      '%1 = call h()',
      'exit mutex(%guard1)',
      'return %1',
    ]);
  });

  it('branches on the variable of a scoped guard', () => {
    expect(listing('scoped_cond_guard(rwsem_read_intr, return -EINTR, &p->sem) g();')).toEqual([
      '%guard1 = enter rwsem_read_intr(&p->sem)',
      'if %guard1 goto 1 else 2',
      '1:',
      'call g()',
      'exit rwsem_read_intr(%guard1)',
      'return',
      '2:',
      'exit rwsem_read_intr(%guard1)',
      'return -EINTR',
    ]);
  });

  it('has the variable of a class in scope', () => {
    expect(listing('CLASS(fd, file)(x); return use(file);')).toEqual([
      'file = enter fd(x)',
      '%1 = call use(file)',
      'exit fd(file)',
      'return %1',
    ]);
  });
});

describe('places in the text', () => {
  it('are those of the call, the condition and the jump', () => {
    const text =
      'int f(int x)\n{\n\tif (first(x) && x > 3)\n\t\treturn second(x);\n\tgoto out;\nout:\n\treturn 0;\n}\n';
    const ir = lower(text);
    const shown = ir.blocks.flatMap(({ instructions, terminator }) =>
      [...instructions, terminator].map(({ at, end }) => text.slice(at, end)),
    );
    expect(shown).toEqual(['first(x)', 'first(x)', 'x > 3', 'second(x)', 'return second(x);', 'return 0;']);
  });

  it('are those of the file, in a file with characters outside of ASCII', () => {
    const text = '/* \u00e9\u{1f512} */\nvoid f(void)\n{\n\t/* \u00fc */ work("\u00e9");\n}\n';
    const [call] = lower(text).blocks[0]!.instructions;
    expect(text.slice(call!.at, call!.end)).toBe('work("\u00e9")');
  });
});

describe('labels', () => {
  it('are counted by what names them, dead code included', () => {
    const ir = lower(`int f(int x)
{
	void *p = &&taken;
	if (IS_ENABLED(CONFIG_B))
		goto dead;
	if (x)
		goto used;
	unsafe_get_user(x, p, by_macro);
used:
	a();
dead:
	b();
by_macro:
	c();
taken:
unused:
	return 0;
}`);
    expect(ir.labels.map(({ name, uses }) => [name, uses])).toEqual([
      ['used', 1],
      ['dead', 1],
      ['by_macro', 1],
      ['taken', 1],
      ['unused', 0],
    ]);
  });

  it('have no block where nothing leads to them', () => {
    const ir = lower('int f(void)\n{\n\treturn 1;\nunused:\n\ta();\n\treturn 0;\n}');
    expect(ir.labels).toMatchObject([{ name: 'unused', uses: 0, block: -1 }]);
  });
});

describe('arguments that are evaluated again', () => {
  const text = `void f(struct s *p)
{
	wait_event(p->wq, READ_ONCE(p->done) && !p->busy, p->state);
	other(READ_ONCE(p->done));
}`;

  it('are fragments, for the calls that ask for them', () => {
    const ir = lower(text, { lazy: (name) => name === 'wait_event' });
    const calls = ir.blocks.flatMap((block) => block.instructions).filter((one) => one.kind === 'call');
    const wait = calls.find((one) => one.name === 'wait_event')!;
    expect(wait.lazyArgs?.map((one) => one === null)).toEqual([true, false, true]);
    const fragment = wait.lazyArgs![1]!;
    expect(text.slice(fragment.at, fragment.end)).toBe('READ_ONCE(p->done) && !p->busy');
    const again = fragment.blocks.flatMap((block) => block.instructions);
    expect(again.map(printInstruction)).toEqual(
      ['%3 = call READ_ONCE(p->done)', '%2 = 1', '%2 = 0'].map(expectAny),
    );
    expect(fragment.blocks.at(-1)!.terminator.kind).toBe('return');
    expect(calls.find((one) => one.name === 'other')!.lazyArgs).toBeUndefined();
  });

  it('are evaluated once before the call in any case', () => {
    const names = (ir: FunctionIR) =>
      ir.blocks.flatMap((block) =>
        block.instructions.flatMap((one) => (one.kind === 'call' ? [one.name] : [])),
      );
    expect(names(lower(text, { lazy: () => true }))).toEqual(names(lower(text)));
  });
});

/** Numbers of temporaries are no part of what is expected. */
function expectAny(line: string): unknown {
  return expect.stringMatching(new RegExp(`^${line.replace(/[()>]/g, '\\$&').replace(/%\d+/g, '%\\d+')}$`));
}

describe('macros of a file', () => {
  function macro(text: string): string[] {
    const unit = parseUnit('test.h', text);
    const ir = lowerMacro(parser, unit, unit.macros[0]!, CONFIGURATION);
    if (ir === null) return ['null'];
    const lines = printIR(ir).split('\n');
    return [lines[0]!, ...lines.slice(lines.indexOf('0: entry') + 1, -1).map((line) => line.trim())];
  }

  it('are functions of parameters without types', () => {
    expect(macro('#define lock_both(a, b) do { lock(a); lock(&(b)->l); } while (0)\n')).toEqual([
      'lock_both(a, b)',
      'call lock(a)',
      'call lock(&b->l)',
      'return',
    ]);
  });

  it('return the value of an expression', () => {
    expect(macro('#define is_held(p) (held(p) == 1)\n')).toEqual([
      'is_held(p)',
      '%1 = call held(p)',
      'return %1 == 1',
    ]);
    expect(macro('#define take(p) ({\t\\\n\tint r = lock(p);\t\\\n\tr ? -EINTR : 0;\t\\\n})\n')).toEqual([
      'take(p)',
      'r = call lock(p)',
      'if r goto 1 else 2',
      '1:',
      '%1 = -EINTR',
      'goto 3',
      '2:',
      '%1 = 0',
      'goto 3',
      '3:',
      'return %1',
    ]);
  });

  it('may assign to their parameters', () => {
    expect(macro('#define save(l, flags) do { flags = take(l); } while (0)\n')).toEqual([
      'save(l, flags)',
      'flags = call take(l)',
      'return',
    ]);
  });

  it('are null where they are no expression and no statement', () => {
    expect(macro('#define BEGIN(x) do {\n')).toEqual(['null']);
  });

  it('keep the places of the file', () => {
    const text = 'int x;\n#define twice(a) \\\n\tdo { lock(a); lock(a); } while (0)\n';
    const unit = parseUnit('test.h', text);
    const ir = lowerMacro(parser, unit, unit.macros[0]!, CONFIGURATION)!;
    expect(ir.blocks[0]!.instructions.map(({ at }) => at)).toEqual([
      text.indexOf('lock(a)'),
      text.lastIndexOf('lock(a)'),
    ]);
  });
});

describe('what cannot be read', () => {
  it('is opaque where it stands, and the rest is lowered', () => {
    const ir = lower('int f(int x)\n{\n\ta();\n\tx = = 3 ];\n\treturn b(x);\n}\n');
    expect(ir.problems).not.toEqual([]);
    const kinds = ir.blocks[0]!.instructions.map((one) => (one.kind === 'call' ? one.name : one.kind));
    expect(kinds[0]).toBe('a');
    expect(kinds.at(-1)).toBe('b');
    expect(kinds).toContain('opaque');
  });

  it('is the whole function where its text is too long to parse', () => {
    const ir = lower(`void f(void)\n{\n${'\ta();\n'.repeat(400_000)}}\n`);
    expect(ir.blocks).toHaveLength(1);
    expect(ir.problems).toMatchObject([{ message: 'the function could not be parsed' }]);
    expect(ir.blocks[0]!.terminator.kind).toBe('return');
  });
});
