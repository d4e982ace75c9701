/** A source tree as large as the kernel's, in files if not in bytes: what searching a whole tree costs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { functionUsers, symbolUsers } from '../../engine/source/index.ts';
import { openDirectoryTree } from '../../extension/tree/index.ts';
import { cpu, type Row } from './row.ts';

const FILES = 90_000;
const FILES_PER_FOLDER = 150;
/** As many of the kernel's files as are headers. */
const HEADERS = 0.4;

/** Some two kilobytes of C: functions that call those of the file before, and test a symbol now and then. */
function textOf(at: number): string {
  const functions = Array.from(
    { length: 12 },
    (_, one) =>
      `int driver_${at}_step_${one}(struct device_${at % 900} *dev, int flags)\n{\n\tint error = driver_${at - 1}_step_${one}(dev->parent, flags | ${one});\n\n\treturn error ? error : dev->state;\n}\n`,
  );
  const symbol = at % 7 === 0 ? `#ifdef CONFIG_DRIVER_${at % 2000}\nint optional_${at};\n#endif\n` : '';
  return `#include <linux/device_${at % 900}.h>\n\n${symbol}${functions.join('\n')}`;
}

/** Writes the tree. @returns its root, which the caller removes. */
function writeTree(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'lock-review-bench-'));
  for (let at = 0; at < FILES; at++) {
    const isHeader = at % 10 < HEADERS * 10;
    const folder = path.join(
      root,
      isHeader ? 'include/linux' : 'drivers',
      `${Math.floor(at / FILES_PER_FOLDER)}`,
    );
    if (at % FILES_PER_FOLDER < 10) mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `f${at}.${isHeader ? 'h' : 'c'}`), textOf(at));
  }
  writeFileSync(
    path.join(root, 'Kconfig'),
    'config DRIVER_3\n\tbool "three"\n\nconfig OTHER\n\tdepends on DRIVER_3\n',
  );
  return root;
}

/** Without git and ripgrep: what our own search costs, which a tree that has neither is left with. */
export async function largeTreeRows(wanted: (name: string) => boolean): Promise<Row[]> {
  const prefix = `tree of ${FILES.toLocaleString('en')} files`;
  if (!wanted(prefix)) return [];
  const root = writeTree();
  try {
    const tree = openDirectoryTree(root);
    const rows: Row[] = [];
    const row = async (name: string, goal: number, run: () => Promise<unknown>) => {
      const before = cpu();
      await run();
      rows.push({ name: `${prefix}, ${name}`, value: cpu() - before, unit: 'ms', goal });
    };
    await row('listed', 2_000, () => tree.list());
    await row('users of a symbol, first search', 10_000, () => symbolUsers(tree, ['CONFIG_DRIVER_3']));
    await row('users of another symbol', 10_000, () => symbolUsers(tree, ['CONFIG_DRIVER_7']));
    await row('callers of a function', 10_000, () => functionUsers(tree, ['driver_500_step_3']));
    const names = Array.from({ length: 100 }, (_, at) => `driver_${at * 300}_step_5`);
    await row('definitions of 100 functions', 15_000, () => tree.findDefinitions(names));
    await row('definitions of 100 others', 500, () =>
      tree.findDefinitions(names.map((name) => name.replace('_5', '_6'))),
    );
    return rows;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
