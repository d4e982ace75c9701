/** Which language a file of a kernel tree is in, by its name. */
import { baseName } from './path.ts';

export type FileKind = 'c' | 'rust' | 'kconfig' | 'make' | 'config' | 'script' | 'other';

const C = new Set(['c', 'h', 'S', 's', 'lds', 'dts', 'dtsi', 'dtso', 'inc', 'cc', 'cpp', 'hpp', 'y', 'l']);
const SCRIPTS = new Set(['sh', 'py', 'pl', 'awk', 'pm', 'tc', 'bash']);

/** Documentation, data and what is not known are `other`. */
export function fileKind(path: string): FileKind {
  const name = baseName(path);
  if (name.startsWith('Kconfig')) return 'kconfig';
  if (name.startsWith('Makefile') || name === 'Kbuild' || name.startsWith('Kbuild.') || name === 'Platform')
    return 'make';
  if (name.endsWith('defconfig') || name === 'config' || name === '.config' || name === '.kunitconfig')
    return 'config';
  // A template (`.lds.S`, `.c.in`, `.h_shipped`) is what it is made into.
  const plain = name.replace(/(?:\.in|_shipped|\.tmpl)$/, '');
  const extension = plain.slice(plain.lastIndexOf('.') + 1);
  if (extension === plain) return 'other';
  if (C.has(extension)) return 'c';
  if (extension === 'rs') return 'rust';
  if (extension === 'config') return 'config';
  if (extension === 'mk' || extension === 'include') return 'make';
  if (SCRIPTS.has(extension)) return 'script';
  return 'other';
}
