import { describe, expect, it } from 'vitest';
import {
  buildImages,
  functionUsers,
  memoryTree,
  postTree,
  removedDefinitions,
  removedSymbols,
  symbolUsers,
} from '../../../engine/source/index.ts';
import { seriesOf } from './diff.ts';

const lines = (...text: string[]) => `${text.join('\n')}\n`;
const treeOf = (files: Record<string, string>) => memoryTree(new Map(Object.entries(files)));

/** `line:column kind` of each use of CONFIG_FAST in one file. */
async function usesIn(file: string, ...text: string[]): Promise<string[]> {
  const uses = await symbolUsers(treeOf({ [file]: lines(...text) }), ['CONFIG_FAST']);
  return uses.map((use) => {
    // The columns hold what they say.
    const written = use.text.slice(use.column - 1, use.endColumn - 1);
    expect(['CONFIG_FAST', 'CONFIG_FAST_MODULE', 'FAST']).toContain(written);
    expect(use.symbol).toBe('CONFIG_FAST');
    return `${use.line}:${use.column} ${use.kind}${use.isLocal ? ' local' : ''}`;
  });
}

describe('symbolUsers in C', () => {
  it('finds tests, and only tests', async () => {
    const uses = await usesIn(
      'mm/a.c',
      '#ifdef CONFIG_FAST /* CONFIG_FAST */',
      '#if defined(CONFIG_FAST) || \\',
      '\tIS_ENABLED(CONFIG_FAST_MODULE) // CONFIG_FAST',
      '#endif /* CONFIG_FAST */',
      '/* CONFIG_FAST */ #ifdef CONFIG_FAST',
      'int a = IS_ENABLED(CONFIG_FAST);',
      'int b = f(IS_BUILTIN(CONFIG_FAST), CONFIG_FAST);',
      'char *s = "CONFIG_FAST \\" CONFIG_FAST"; char c = \'"\';',
      'int CONFIG_FAST_STATS, MY_CONFIG_FAST, FAST;',
      '#define HAVE_FAST IS_ENABLED(CONFIG_FAST)',
      '#error CONFIG_FAST is needed',
      '#elif CONFIG_FAST > 3',
      '#undef CONFIG_FAST',
    );
    expect(uses).toEqual([
      '1:8 preprocessor',
      '2:13 preprocessor',
      '3:13 preprocessor',
      '5:26 preprocessor',
      '6:20 expression',
      '7:22 expression',
      '7:36 reference',
      '10:30 expression',
      '12:7 preprocessor',
      '13:8 undef',
    ]);
  });

  it('is not led astray by the assembler', async () => {
    const uses = await usesIn(
      'arch/a/entry.S',
      "# don't trip over CONFIG_FAST",
      '#ifdef CONFIG_FAST',
      "\tmov $'a, %eax // don't",
      '#endif',
      '\t.if CONFIG_FAST',
    );
    expect(uses).toEqual(['2:8 preprocessor', '5:6 reference']);
  });

  it('tells code that defines the symbol itself', async () => {
    const tree = treeOf({
      'tools/testing/harness/shim.h': '#define CONFIG_FAST\n',
      'tools/testing/harness/include/dup.h': '#ifdef CONFIG_FAST\n#endif\n',
      'tools/testing/other.c': '#ifdef CONFIG_FAST\n#endif\n',
    });
    const uses = await symbolUsers(tree, ['CONFIG_FAST']);
    expect(uses.map((use) => [use.file, use.kind, use.isLocal])).toEqual([
      ['tools/testing/harness/include/dup.h', 'preprocessor', true],
      ['tools/testing/harness/shim.h', 'define', true],
      ['tools/testing/other.c', 'preprocessor', false],
    ]);
  });
});

describe('symbolUsers elsewhere', () => {
  it('reads Kconfig without its help texts', async () => {
    const uses = await usesIn(
      'mm/Kconfig',
      'config FAST',
      '\tbool "FAST"',
      '\thelp',
      '\t  FAST is fast.',
      '',
      '\t    depends on FAST',
      'config OTHER',
      '\tbool "other, FAST too" if FAST',
      '\tdepends on MMU && !FAST # and not FAST',
      '\tselect FAST if SMP',
      '\tselect SMP if FAST',
      '\timply FAST',
      '\tdefault FAST',
      '\tdefault y if FAST=y && \\',
      '\t\tFAST != n',
      '\tdef_bool FAST',
      'config FAST_STATS',
      'if FAST',
      'menu "x"',
      '\tvisible if FAST',
      'endif',
      'comment "FAST is slow"',
      '\tdepends on FAST',
    );
    expect(uses).toEqual([
      '8:28 if',
      '9:21 depends',
      '10:9 select',
      '11:16 if',
      '12:8 imply',
      '13:10 default',
      '14:15 if',
      '15:3 if',
      '16:11 default',
      '18:4 if',
      '20:13 visible',
      '23:13 depends',
    ]);
  });

  it('reads makefiles, Rust, configurations and scripts', async () => {
    expect(
      await usesIn(
        'mm/Makefile',
        '# CONFIG_FAST',
        'obj-$(CONFIG_FAST) += a.o # CONFIG_FAST',
        'ifdef CONFIG_FAST',
        'x := $(CONFIG_FAST_STATS)',
        'FAST := 1',
      ),
    ).toEqual(['2:7 makefile', '3:7 makefile']);
    expect(
      await usesIn(
        'rust/kernel/a.rs',
        '#[cfg(CONFIG_FAST)] // cfg(CONFIG_FAST)',
        '#[cfg(not(CONFIG_FAST))]',
        'if cfg!(CONFIG_FAST) { let a: &\'a str = "CONFIG_FAST"; }',
        '/* /* CONFIG_FAST */ CONFIG_FAST */',
        'let b = bindings::CONFIG_FAST; let c = r#"CONFIG_FAST " "#; let d = \'"\';',
        '#[cfg_attr(CONFIG_FAST, inline)]',
      ),
    ).toEqual(['1:7 rust-cfg', '2:11 rust-cfg', '3:9 rust-cfg', '5:19 rust', '6:12 rust-cfg']);
    expect(
      await usesIn(
        'arch/a/configs/x_defconfig',
        'CONFIG_FAST=y',
        '# CONFIG_FAST is not set',
        'CONFIG_FAST_STATS=y',
      ),
    ).toEqual(['1:1 defconfig', '2:3 defconfig']);
    expect(await usesIn('scripts/a.sh', 'if is_enabled CONFIG_FAST; then # CONFIG_FAST')).toEqual([
      '1:15 script',
    ]);
    expect(await usesIn('Documentation/a.rst', 'CONFIG_FAST')).toEqual([]);
  });

  it('finds nothing of nothing', async () => {
    expect(await symbolUsers(treeOf({ 'a.c': '#ifdef CONFIG_FAST\n#endif\n' }), [])).toEqual([]);
    expect(await symbolUsers(treeOf({ 'a.c': '#ifdef CONFIG_FAST\n#endif\n' }), ['CONFIG_'])).toEqual([]);
  });

  it('survives what is not finished', async () => {
    for (const text of [
      '#ifdef CONFIG_FAST',
      '/* CONFIG_FAST',
      '"CONFIG_FAST',
      "'CONFIG_FAST",
      '#if CONFIG_FAST \\',
      '(((((CONFIG_FAST',
      '#',
    ]) {
      for (const file of ['a.c', 'a.rs', 'Kconfig', 'Makefile', 'defconfig', 'a.sh']) {
        const uses = await symbolUsers(treeOf({ [file]: text }), ['CONFIG_FAST']);
        for (const use of uses) expect(use.line).toBe(1);
      }
    }
  });
});

describe('symbolUsers on input that was made to hurt', () => {
  it('finds every use', async () => {
    for (const [file, text] of [
      ['a.c', 'CONFIG_FAST '.repeat(200_000)],
      ['Makefile', 'CONFIG_FAST#'.repeat(200_000)],
      ['a.c', `${'f('.repeat(200_000)}CONFIG_FAST\n`.repeat(2)],
    ] as const) {
      const uses = await symbolUsers(treeOf({ [file]: text }), ['CONFIG_FAST']);
      expect(uses).toHaveLength(text.split('CONFIG_FAST').length - 1);
    }
  });
});

const KCONFIG = lines('config FAST', '\tdef_bool y', '', 'config SLOW', '\tbool');
const REMOVE = lines(
  'diff --git a/mm/Kconfig b/mm/Kconfig',
  '--- a/mm/Kconfig',
  '+++ b/mm/Kconfig',
  '@@ -1,5 +1,2 @@',
  '-config FAST',
  '-\tdef_bool y',
  '-',
  ' config SLOW',
  ' \tbool',
);

describe('removedSymbols', () => {
  it('finds symbols whose last definition goes', async () => {
    const tree = treeOf({ 'mm/Kconfig': KCONFIG });
    const { value } = await buildImages(seriesOf(REMOVE), tree);
    expect(await removedSymbols(value, postTree(value, tree))).toEqual(['CONFIG_FAST']);
    expect(await removedDefinitions(value, postTree(value, tree))).toEqual([
      { symbol: 'CONFIG_FAST', file: 'mm/Kconfig', line: 1, kind: 'kconfig' },
    ]);
  });

  it('keeps symbols that are defined elsewhere, or moved', async () => {
    const other = treeOf({ 'mm/Kconfig': KCONFIG, 'arch/a/Kconfig': '  menuconfig FAST\n\tbool\n' });
    const first = await buildImages(seriesOf(REMOVE), other);
    expect(await removedSymbols(first.value, postTree(first.value, other))).toEqual([]);
    const moved = lines(
      'diff --git a/fs/Kconfig b/fs/Kconfig',
      '--- a/fs/Kconfig',
      '+++ b/fs/Kconfig',
      '@@ -1 +1,3 @@',
      '+config FAST',
      '+\tdef_bool n',
      ' # end',
    );
    const tree = treeOf({ 'mm/Kconfig': KCONFIG, 'fs/Kconfig': '# end\n' });
    const second = await buildImages(seriesOf(`${REMOVE}${moved}`), tree);
    expect(await removedSymbols(second.value, postTree(second.value, tree))).toEqual([]);
  });

  it('does not take a help text or a use for a definition', async () => {
    const tree = treeOf({
      'mm/Kconfig': KCONFIG,
      'fs/Kconfig': 'config A\n\tdepends on FAST\n\thelp\n\t  config FAST\n',
    });
    const { value } = await buildImages(seriesOf(REMOVE), tree);
    expect(await removedSymbols(value, postTree(value, tree))).toEqual(['CONFIG_FAST']);
  });

  it('finds macros that are no longer defined', async () => {
    const diff = lines(
      'diff --git a/a.h b/a.h',
      '--- a/a.h',
      '+++ b/a.h',
      '@@ -1,2 +1 @@',
      '-#define CONFIG_FAST 1',
      ' int a;',
    );
    const tree = treeOf({ 'a.h': '#define CONFIG_FAST 1\nint a;\n' });
    const { value } = await buildImages(seriesOf(diff), tree);
    expect(await removedDefinitions(value, postTree(value, tree))).toEqual([
      { symbol: 'CONFIG_FAST', file: 'a.h', line: 1, kind: 'define' },
    ]);
    const twice = treeOf({ 'a.h': '#define CONFIG_FAST 1\nint a;\n', 'b.h': '# define CONFIG_FAST 1\n' });
    const kept = await buildImages(seriesOf(diff), twice);
    expect(await removedSymbols(kept.value, postTree(kept.value, twice))).toEqual([]);
  });

  it('works on what the hunks show where there is no tree', async () => {
    const { value } = await buildImages(seriesOf(REMOVE), null);
    expect(await removedSymbols(value, postTree(value, null))).toEqual(['CONFIG_FAST']);
  });
});

describe('functionUsers', () => {
  it('finds calls and references, not definitions, prototypes and comments', async () => {
    const tree = treeOf({
      'a.c': lines(
        'int take(struct lock *l);',
        'int take(struct lock *l)',
        '{',
        '\treturn l->n; /* take(l) */',
        '}',
        'static const struct ops ops = { .take = take };',
        'int use(struct lock *l)',
        '{',
        '\tif (take(l))',
        '\t\treturn takes(l) + take (l);',
        '\treturn 0;',
        '}',
        '#define TAKE(l) take(l)',
        '#define take_it take',
        'SYSCALL_DEFINE1(take, int, n)',
        '\tops->take(l);',
      ),
      'b.txt': 'take(l)\n',
      'b.h': 'extern int take(struct lock *l);\n',
    });
    const uses = await functionUsers(tree, ['take', 'nobody']);
    expect([...uses.keys()]).toEqual(['take']);
    expect(uses.get('take')!.map((use) => `${use.file}:${use.line}:${use.column} ${use.kind}`)).toEqual([
      'a.c:6:41 reference',
      'a.c:9:6 call',
      'a.c:10:21 call',
      'a.c:13:17 call',
      'a.c:14:17 reference',
    ]);
  });
});
