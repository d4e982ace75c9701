import { describe, expect, it } from 'vitest';
import { loadKconfig, memoryTree } from '../../../engine/source/index.ts';

const lines = (...text: string[]) => `${text.join('\n')}\n`;
const load = (files: Record<string, string>) => loadKconfig(memoryTree(new Map(Object.entries(files))));
const values = (settings: Record<string, 'y' | 'm' | 'n'>) =>
  new Map(Object.entries(settings).map(([name, value]) => [`CONFIG_${name}`, value]));

const TREE = {
  Kconfig: lines(
    'mainmenu "Test"',
    'source "mm/Kconfig"',
    'source "arch/$(SRCARCH)/Kconfig"',
    'if NET',
    'source "net/Kconfig"',
    'endif',
  ),
  'mm/Kconfig': lines(
    'config FAST',
    '\tdef_bool y',
    '\tdepends on ARCH_SUPPORTS_FAST && MMU && SMP',
    '\thelp',
    '\t  config NOT_A_SYMBOL',
    '\t  depends on NOTHING',
    '',
    'config ARCH_SUPPORTS_FAST',
    '       def_bool n',
    '',
    'config STATS',
    '\tbool "Count"',
    '\tdepends on FAST',
    '\tselect TRACE',
    'config TRACE',
    '\tbool',
    'config MOD',
    '\ttristate "A module"',
    '\tdefault m if TRACE',
    'choice',
    '\tprompt "One of"',
    '\tdefault TWO',
    'config ONE',
    '\tbool "one"',
    'config TWO',
    '\tbool "two"',
    'endchoice',
  ),
  'arch/big/Kconfig': lines(
    'config BIG',
    '\tdef_bool y',
    '\tselect ARCH_SUPPORTS_FAST',
    'config MMU',
    '\tdef_bool y',
    'config SMP',
    '\tbool "SMP"',
    '\tdefault y',
    'config NET',
    '\tbool "net"',
  ),
  'arch/tiny/Kconfig': lines(
    'config TINY',
    '\tdef_bool y',
    'config MMU',
    '\tbool "MMU"',
    'config SMP',
    '\tbool "SMP" if MMU',
  ),
  'net/Kconfig': lines(
    'menu "Net"',
    '\tdepends on MMU',
    'config TCP',
    '\tbool "tcp"',
    'endmenu',
    'config UDP',
    '\tbool "udp"',
    '\tdepends on TCP || (!SMP && "$(CC)" = "cc")',
  ),
  'scripts/kconfig/tests/Kconfig': lines('config UNREACHED', '\tbool'),
};

describe('loadKconfig', () => {
  it('reads what the top file includes, every architecture', async () => {
    const kconfig = await load(TREE);
    expect(kconfig.definitions('CONFIG_UNREACHED')).toEqual([]);
    expect(kconfig.definitions('CONFIG_NOT_A_SYMBOL')).toEqual([]);
    expect(
      kconfig.definitions('CONFIG_MMU').map((one) => [one.arch, one.file, one.line, one.prompt !== null]),
    ).toEqual([
      ['big', 'arch/big/Kconfig', 4, false],
      ['tiny', 'arch/tiny/Kconfig', 3, true],
    ]);
    expect(kconfig.definitions('CONFIG_FAST')[0]).toMatchObject({ type: 'bool', arch: null, prompt: null });
    expect(kconfig.isTristate('CONFIG_MOD')).toBe(true);
    expect(kconfig.isTristate('CONFIG_FAST')).toBe(false);
    expect(kconfig.size).toBe(14);
  });

  it('reads all files where there is no top one', async () => {
    const { Kconfig: _, ...part } = TREE;
    const kconfig = await load(part);
    expect(kconfig.definitions('CONFIG_FAST')).toHaveLength(1);
    expect(kconfig.definitions('CONFIG_UDP')).toHaveLength(1);
  });

  it('rules out what dependencies forbid', async () => {
    const kconfig = await load(TREE);
    expect(kconfig.isPossible(values({ FAST: 'y', MMU: 'n' }))).toBe(false);
    expect(kconfig.isPossible(values({ FAST: 'n', MMU: 'n' }))).toBe(true);
    expect(kconfig.isPossible(values({ FAST: 'y', MMU: 'y' }))).toBe(true);
    // Through another symbol, a menu and an `if` around the file.
    expect(kconfig.isPossible(values({ STATS: 'y', SMP: 'n' }))).toBe(false);
    expect(kconfig.isPossible(values({ TCP: 'y', MMU: 'n' }))).toBe(false);
    expect(kconfig.isPossible(values({ TCP: 'y', NET: 'n' }))).toBe(false);
    // What a compiler would have to be asked stays open.
    expect(kconfig.isPossible(values({ UDP: 'y', TCP: 'n', SMP: 'n' }))).toBe(true);
    expect(kconfig.isPossible(values({ UDP: 'y', TCP: 'n', SMP: 'y' }))).toBe(false);
  });

  it('rules out what selects and promptless defaults force', async () => {
    const kconfig = await load(TREE);
    expect(kconfig.isPossible(values({ STATS: 'y', TRACE: 'n' }))).toBe(false);
    expect(kconfig.isPossible(values({ STATS: 'n', TRACE: 'y' }))).toBe(false);
    expect(kconfig.isPossible(values({ FAST: 'n', ARCH_SUPPORTS_FAST: 'y', MMU: 'y', SMP: 'y' }))).toBe(
      false,
    );
    expect(kconfig.isPossible(values({ FAST: 'n', ARCH_SUPPORTS_FAST: 'y', MMU: 'y', SMP: 'n' }))).toBe(true);
    expect(kconfig.isPossible(values({ BIG: 'y', ARCH_SUPPORTS_FAST: 'n' }))).toBe(false);
    expect(kconfig.isPossible(values({ TINY: 'y', ARCH_SUPPORTS_FAST: 'n' }))).toBe(true);
  });

  it('knows one architecture at a time, and modules', async () => {
    const kconfig = await load(TREE);
    expect(kconfig.isPossible(values({ BIG: 'y', TINY: 'y' }))).toBe(false);
    expect(kconfig.isPossible(values({ MOD: 'm' }))).toBe(true);
    expect(kconfig.isPossible(values({ FAST: 'm' }))).toBe(false);
    expect(kconfig.isPossible(values({ UNKNOWN: 'y', ALSO_UNKNOWN: 'm' }))).toBe(true);
  });

  it('lists implications', async () => {
    const kconfig = await load(TREE);
    expect(
      kconfig.implications(['CONFIG_FAST', 'CONFIG_SMP', 'CONFIG_TRACE', 'CONFIG_STATS', 'CONFIG_NONE']),
    ).toEqual([
      { symbol: 'CONFIG_FAST', value: 'y', other: 'CONFIG_SMP', not: 'n' },
      { symbol: 'CONFIG_FAST', value: 'n', other: 'CONFIG_TRACE', not: 'y' },
      { symbol: 'CONFIG_FAST', value: 'n', other: 'CONFIG_STATS', not: 'y' },
      { symbol: 'CONFIG_SMP', value: 'n', other: 'CONFIG_TRACE', not: 'y' },
      { symbol: 'CONFIG_SMP', value: 'n', other: 'CONFIG_STATS', not: 'y' },
      { symbol: 'CONFIG_TRACE', value: 'y', other: 'CONFIG_STATS', not: 'n' },
      { symbol: 'CONFIG_TRACE', value: 'n', other: 'CONFIG_STATS', not: 'y' },
    ]);
  });

  it('computes what results where nobody chooses', async () => {
    const kconfig = await load(TREE);
    const names = ['FAST', 'SMP', 'STATS', 'TRACE', 'MOD', 'ONE', 'TWO', 'BIG', 'NONE'].map(
      (name) => `CONFIG_${name}`,
    );
    const of = (arch: string) => [...kconfig.defaults(names, arch).values()].join('');
    expect(of('big')).toBe('yynnnnyyn');
    expect(of('tiny')).toBe('nnnnnnynn');
  });
});

describe('Kconfig text of any kind', () => {
  it('is read without complaint', async () => {
    const deep = `config A\n\tbool "a"\n\tdepends on ${'('.repeat(5000)}B${')'.repeat(5000)}\n`;
    const chain = Array.from(
      { length: 3000 },
      (_, i) => `config C${i}\n\tdef_bool C${i + 1}\n\tdepends on C${i + 1}\n`,
    ).join('');
    const nested = `${'if A\n'.repeat(50_000)}config A\n\tbool "a"\n${'\tdepends on A\n'.repeat(5_000)}`;
    const wide = `config A\n\tbool "a"\n\tdefault ${'A || '.repeat(50_000)}A\n`;
    const texts = [
      nested,
      wide,
      '',
      'config',
      'config \\',
      'if',
      'endif\nendmenu\nendchoice\n',
      'help\n',
      'config A\n\tbool "a"\n\thelp',
      'config A\n\tbool "a"\n\tdefault "',
      'source "Kconfig"\n',
      'source "$(',
      '\\\n\\\n',
      deep,
      chain,
    ];
    for (const text of texts) {
      const kconfig = await load({ Kconfig: text });
      expect(kconfig.isPossible(values({ A: 'y', C0: 'y', C1: 'n' }))).toBe(!text.includes('config C0'));
      expect(kconfig.defaults(['CONFIG_A', 'CONFIG_C0']).size).toBe(2);
    }
  });

  it('knows symbols that depend on themselves', async () => {
    const kconfig = await load({
      Kconfig: 'config A\n\tbool "a"\n\tdepends on B\nconfig B\n\tbool "b"\n\tdepends on A\n\tselect A\n',
    });
    expect(kconfig.isPossible(values({ A: 'y', B: 'n' }))).toBe(false);
    expect(kconfig.isPossible(values({ A: 'y', B: 'y' }))).toBe(true);
    expect([...kconfig.defaults(['CONFIG_A', 'CONFIG_B']).values()]).toEqual(['n', 'n']);
  });
});
