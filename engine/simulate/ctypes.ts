/** Declared C types, as far as running the code needs them: widths, signs, what a pointer points to. */
import type { SourceUnit } from '../c/index.ts';
import { BOOL, INT, type IntType, LONG, UINT, ULONG } from './numbers.ts';

export type CType =
  | { readonly kind: 'int'; readonly type: IntType }
  | { readonly kind: 'pointer'; readonly to: string }
  /** A struct or union held by value. */
  | { readonly kind: 'struct'; readonly tag: string }
  /** A typedef that is not known to be an integer: `pte_t`, `spinlock_t`. */
  | { readonly kind: 'named'; readonly tag: string }
  | { readonly kind: 'array'; readonly of: string }
  | { readonly kind: 'void' }
  | { readonly kind: 'unknown' };

export const UNKNOWN: CType = { kind: 'unknown' };
const intType = (type: IntType): CType => ({ kind: 'int', type });

const QUALIFIERS = new Set([
  'const',
  'volatile',
  'static',
  'extern',
  'register',
  'inline',
  'restrict',
  '__restrict',
  '__user',
  '__rcu',
  '__iomem',
  '__force',
  '__maybe_unused',
  '__percpu',
  '__always_unused',
  '__private',
  '__nocast',
  '_Atomic',
  'auto',
]);

const u8: IntType = { bits: 8, unsigned: true };
const s8: IntType = { bits: 8, unsigned: false };
const u16: IntType = { bits: 16, unsigned: true };
const s16: IntType = { bits: 16, unsigned: false };

/** Typedefs of integers that the kernel's headers give; a tree's own are read from its units. */
const NAMED: Readonly<Record<string, IntType>> = {
  bool: BOOL,
  _Bool: BOOL,
  u8,
  __u8: u8,
  uint8_t: u8,
  s8,
  __s8: s8,
  int8_t: s8,
  u16,
  __u16: u16,
  uint16_t: u16,
  umode_t: u16,
  s16,
  __s16: s16,
  int16_t: s16,
  u32: UINT,
  __u32: UINT,
  uint32_t: UINT,
  uint: UINT,
  s32: INT,
  __s32: INT,
  int32_t: INT,
  gfp_t: UINT,
  vm_fault_t: UINT,
  fmode_t: UINT,
  dev_t: UINT,
  uid_t: UINT,
  gid_t: UINT,
  pid_t: INT,
  blk_status_t: u8,
  u64: ULONG,
  __u64: ULONG,
  uint64_t: ULONG,
  size_t: ULONG,
  ulong: ULONG,
  uintptr_t: ULONG,
  pgoff_t: ULONG,
  vm_flags_t: ULONG,
  sector_t: ULONG,
  blkcnt_t: ULONG,
  phys_addr_t: ULONG,
  dma_addr_t: ULONG,
  resource_size_t: ULONG,
  s64: LONG,
  __s64: LONG,
  int64_t: LONG,
  ssize_t: LONG,
  loff_t: LONG,
  off_t: LONG,
  ptrdiff_t: LONG,
  time64_t: LONG,
  ktime_t: LONG,
};

const parsed = new Map<string, CType>();

/** Reads a type as the front end writes it: `const struct vm_area_struct *`, `char [16]`, `unsigned int`. */
export function parseType(text: string): CType {
  let type = parsed.get(text);
  if (type === undefined) {
    type = parse(text);
    parsed.set(text, type);
  }
  return type;
}

function parse(text: string): CType {
  const bracket = text.indexOf('[');
  const plain = bracket < 0 ? text : text.slice(0, bracket);
  const words = plain.match(/[A-Za-z_]\w*|\*|\(/g) ?? [];
  const kept = words.filter((word) => !QUALIFIERS.has(word));
  if (bracket >= 0) {
    const rest = text.slice(bracket).replace(/^\[[^\]]*\]/, '');
    return { kind: 'array', of: `${kept.join(' ')}${rest}`.trim() };
  }
  const star = kept.lastIndexOf('*');
  if (star >= 0 || kept.includes('('))
    return { kind: 'pointer', to: kept.slice(0, Math.max(star, 0)).join(' ') };
  if (kept.length === 0) return UNKNOWN;
  if (kept[0] === 'struct' || kept[0] === 'union') return { kind: 'struct', tag: kept[1] ?? '' };
  if (kept[0] === 'enum') return intType(INT);
  if (kept[0] === 'void') return { kind: 'void' };
  const basic = basicType(kept);
  if (basic !== null) return intType(basic);
  const named = Object.hasOwn(NAMED, kept[0]!) ? NAMED[kept[0]!]! : null;
  if (named !== null) return intType(named);
  return { kind: 'named', tag: kept[0]! };
}

function basicType(words: readonly string[]): IntType | null {
  let longs = 0;
  let unsigned = false;
  let size: IntType['bits'] | null = null;
  for (const word of words) {
    if (word === 'long') longs++;
    else if (word === 'unsigned') unsigned = true;
    else if (word === 'signed' || word === '__signed__') size ??= 32;
    else if (word === 'int') size ??= 32;
    else if (word === 'short') size = 16;
    else if (word === 'char') size = 8;
    else return null;
  }
  return { bits: longs > 0 ? 64 : (size ?? 32), unsigned };
}

/** Struct definitions of the units in view, by tag. */
export class StructTable {
  readonly #fields = new Map<string, Map<string, string>>();

  add(unit: SourceUnit): void {
    for (const definition of unit.structs) {
      if (definition.tag === '' || this.#fields.has(definition.tag)) continue;
      this.#fields.set(definition.tag, new Map(definition.fields.map((field) => [field.name, field.type])));
    }
  }

  has(tag: string): boolean {
    return this.#fields.has(tag);
  }

  /** The type of a field, or unknown. */
  field(tag: string, name: string): CType {
    const type = this.#fields.get(tag)?.get(name);
    return type === undefined ? UNKNOWN : parseType(type);
  }

  fields(tag: string): readonly string[] {
    return [...(this.#fields.get(tag)?.keys() ?? [])];
  }
}

/** The name of a type by itself: `const struct mm_struct *` → `mm_struct`. */
export function tagOf(type: string): string {
  return type
    .replace(/\b(const|volatile|struct|union|static|__user|__rcu)\b/g, '')
    .replaceAll('*', '')
    .trim();
}
