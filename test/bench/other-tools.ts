/** The other tools that look for lock errors in C, on the same files, where they are installed. */
import path from 'node:path';
import { type Row, runChild } from './row.ts';

/**
 * How many times as long as we they take. What sparse cannot include costs it nothing; Coccinelle runs a script of
 * ours that looks for what the kernel's own ones look for.
 * @param ours our milliseconds of CPU
 */
export function otherTools(root: string, folder: string, files: readonly string[], ours: number): Row[] {
  const sparse = runChild(
    'sparse',
    ['-D__KERNEL__', '-Iinclude', '-Iarch/x86/include', '-Wcontext', ...files],
    root,
  );
  const script = path.resolve('test/bench/locks.cocci');
  const coccinelle = runChild('spatch', ['--very-quiet', '--sp-file', script, ...files], root);
  const rows: Row[] = [];
  const row = (name: string, cpu: number, goal: number | null) =>
    rows.push({
      name: `${folder}/, ${name} takes so many times as long`,
      value: cpu / ours,
      unit: '×',
      goal,
      more: true,
    });
  if (sparse) row('sparse', sparse.cpu, 10);
  if (coccinelle) row('Coccinelle', coccinelle.cpu, null);
  return rows;
}
