/** Telling a kernel's source tree, or a part of one, from any other folder. */
import type { SourceTree } from './tree.ts';

export type KernelTree =
  /** `version`: as `[6, 12]`; null where the tree has no top Makefile that says. */
  | { readonly ok: true; readonly version: readonly [number, number] | null }
  /** What is missing, for a person. */
  | { readonly ok: false; readonly reason: string };

/** Headers that kernels of every age have; a part of a tree may lack any one of them. */
const HEADERS = ['kernel.h', 'mm.h', 'mm_types.h', 'sched.h', 'fs.h', 'spinlock.h', 'types.h', 'list.h'];
/** Folders at the top that hold code. */
const FOLDERS = [
  'mm',
  'kernel',
  'fs',
  'drivers',
  'arch',
  'net',
  'block',
  'lib',
  'init',
  'security',
  'sound',
  'ipc',
];

/**
 * Whether the tree is a kernel's. A part of one will do: kernel headers, or a top Makefile or Kconfig of a
 * kernel, with at least one of its folders of code.
 */
export async function isKernelTree(tree: SourceTree): Promise<KernelTree> {
  const makefile = await tree.read('Makefile');
  const version = makefile === null ? null : versionIn(makefile);
  let headers = false;
  for (const name of HEADERS) headers ||= (await tree.read(`include/linux/${name}`)) !== null;
  const kconfig = (await tree.read('Kconfig'))?.includes('Kernel Configuration') ?? false;
  if (!headers && version === null && !kconfig) {
    const reason = `${tree.name} is not a kernel source tree: it has neither include/linux nor the top Makefile or Kconfig of a kernel`;
    return { ok: false, reason };
  }
  const paths = await tree.list();
  const tops = new Set(paths.map((path) => path.slice(0, Math.max(0, path.indexOf('/')))));
  if (!FOLDERS.some((folder) => tops.has(folder))) {
    const reason = `${tree.name} is not a kernel source tree: none of ${FOLDERS.slice(0, 6).join(', ')} … is in it`;
    return { ok: false, reason };
  }
  return { ok: true, version };
}

/** The release of a kernel tree from its top Makefile, as `[6, 12]`; null where it does not say. */
export async function kernelVersion(tree: SourceTree): Promise<readonly [number, number] | null> {
  const makefile = await tree.read('Makefile');
  return makefile === null ? null : versionIn(makefile);
}

function versionIn(makefile: string): readonly [number, number] | null {
  const numbers: Record<string, number> = {};
  for (const line of makefile.slice(0, 4000).split('\n')) {
    const match = /^(VERSION|PATCHLEVEL) ?= ?(\d{1,4})$/.exec(line.trim());
    if (match !== null) numbers[match[1]!] ??= Number(match[2]);
  }
  const { VERSION, PATCHLEVEL } = numbers;
  return VERSION === undefined || PATCHLEVEL === undefined ? null : [VERSION, PATCHLEVEL];
}
