import { describe, expect, it } from 'vitest';
import {
  cleanPath,
  hasDefinition,
  isBelow,
  memoryTree,
  overlayTree,
  type SourceTree,
} from '../../../engine/source/index.ts';

const BASE: SourceTree = memoryTree(
  new Map([
    ['mm/a.c', 'int take(void)\n{\n\treturn give();\n}\n'],
    ['mm/b.c', 'int use(void)\n{\n\treturn take();\n}\n'],
    ['include/linux/a.h', 'int take(void);\n#define give() 0\n'],
  ]),
  'base',
);

describe('overlayTree', () => {
  const tree = overlayTree(
    BASE,
    new Map([
      ['mm/a.c', 'int taken(void)\n{\n\treturn 1;\n}\n'],
      ['mm/b.c', null],
      ['lib/c.c', 'int take(void)\n{\n}\n'],
      ['../out.c', 'int take;\n'],
    ]),
  );

  it('answers as if its files had been written', async () => {
    expect(tree.name).toBe('base');
    expect(await tree.list()).toEqual(['include/linux/a.h', 'lib/c.c', 'mm/a.c']);
    expect(await tree.read('mm/b.c')).toBeNull();
    expect(await tree.read('./mm/a.c')).toContain('taken');
    expect(await tree.read('include/linux/a.h')).toContain('give');
    expect(await tree.read('../out.c')).toBeNull();
    expect(await tree.findWords(['take', 'taken', 'use'])).toEqual(
      new Map([
        ['take', ['include/linux/a.h', 'lib/c.c']],
        ['taken', ['mm/a.c']],
      ]),
    );
    expect(await tree.findWords(['take'], ['lib'])).toEqual(new Map([['take', ['lib/c.c']]]));
    expect(await tree.findDefinitions(['take', 'taken', 'use', 'give'])).toEqual(
      new Map([
        ['take', ['lib/c.c']],
        ['taken', ['mm/a.c']],
        ['give', ['include/linux/a.h']],
      ]),
    );
  });

  it('can lie on nothing, and on another one', async () => {
    const alone = overlayTree(null, new Map([['a.c', 'int a;\n']]));
    expect(await alone.list()).toEqual(['a.c']);
    expect(await alone.readBlob('1234567')).toBeNull();
    const twice = overlayTree(tree, new Map([['mm/a.c', null]]));
    expect(await twice.list()).toEqual(['include/linux/a.h', 'lib/c.c']);
    expect((await twice.findWords(['taken'])).size).toBe(0);
    expect(overlayTree(BASE, new Map())).toBe(BASE);
  });
});

describe('cleanPath', () => {
  it.each([
    ['mm/a.c', 'mm/a.c'],
    ['./mm//a.c', 'mm/a.c'],
    ['mm\\a.c', 'mm/a.c'],
    ['mm/..a.c', 'mm/..a.c'],
    ['.gitignore', '.gitignore'],
    ['', null],
    ['.', null],
    ['/etc/passwd', null],
    ['~/x', null],
    ['..', null],
    ['a/../b', null],
    ['a\\..\\b', null],
    ['C:/x', null],
    ['c:x', null],
    ['a\0b', null],
    ['a\nb', null],
    ['.git/config', null],
    ['sub/.GIT/hooks/x', null],
    ['a/'.repeat(3000), null],
  ])('%j is %j', (path, clean) => {
    expect(cleanPath(path)).toBe(clean);
  });

  it('tells what is below a folder', () => {
    expect(isBelow('mm/a.c', 'mm')).toBe(true);
    expect(isBelow('mm/a.c', 'mm/')).toBe(true);
    expect(isBelow('mm/a.c', '')).toBe(true);
    expect(isBelow('mmap/a.c', 'mm')).toBe(false);
    expect(isBelow('mm', 'mm')).toBe(true);
  });
});

describe('hasDefinition', () => {
  it.each([
    ['int f(void)\n{', true],
    ['static __always_inline int *f (int a,\n\t\t  int b) __must_hold(x)\n{', true],
    ['int\nf(void)\n{', true],
    ['static __printf(1, 2) void f(int n)\n{', true],
    ['#define f(x) x', true],
    ['# define f(x) x', true],
    ['SYSCALL_DEFINE1(f, int, n)\n{', true],
    ['DEFINE_GUARD(f, struct x *, lock(_T), unlock(_T))', true],
    ['int f(void) /* { */\n{', true],
    ['int f(void);', false],
    ['extern int f(int (*g)(void));', false],
    ['#define f x', false],
    ['#define g() f()', false],
    ['\tf(x);', false],
    ['\tif (f(x)) {', false],
    ['int x = f(y);', false],
    ['int ff(void)\n{', false],
    ['DEFINE_MUTEX(f);', false],
    ['struct f {', false],
    ['return f(x);', false],
    ['f:\n{', false],
  ])('%j: %j', (text, expected) => {
    expect(hasDefinition('a.c', `${text}\n}\n`, 'f')).toBe(expected);
    expect(hasDefinition('a.rst', `${text}\n}\n`, 'f')).toBe(false);
  });
});
