/** Reading a `LockRef`: the small paths in which contracts name locks. */

/** Where a path begins. */
export type LockRoot =
  | { readonly root: 'argument'; readonly index: number }
  /** What an out-parameter was set to. */
  | { readonly root: 'target'; readonly index: number }
  | { readonly root: 'result' }
  /** The running task. */
  | { readonly root: 'current' }
  /** A per-task state (`@rcu`) or a global lock (`@rtnl_lock`); `name` is without the `@`. */
  | { readonly root: 'global'; readonly name: string }
  /** Some lock of the kind, whatever its object. */
  | { readonly root: 'any' };

export interface LockPath {
  readonly base: LockRoot;
  /** `arrow`: the field is a pointer or reached through one, as `->` in the text of the reference. */
  readonly fields: readonly { readonly name: string; readonly arrow: boolean }[];
  /** True for `arg0.*`: every lock of the kind that belongs to the object. */
  readonly all: boolean;
}

const cache = new Map<string, LockPath | null>();

/** @returns null where the text is not a reference. Results are shared: one object for each distinct text. */
export function parseLockRef(ref: string): LockPath | null {
  const known = cache.get(ref);
  if (known !== undefined) return known;
  const path = parse(ref);
  cache.set(ref, path);
  return path;
}

function parse(ref: string): LockPath | null {
  const head = /^(?:(\*?)arg(\d{1,2})|(result|current|any)(?![\w$])|@([A-Za-z_]\w*))/.exec(ref);
  if (head === null) return null;
  const [text, star, index, word, global] = head;
  let base: LockRoot;
  if (index !== undefined) base = { root: star === '*' ? 'target' : 'argument', index: Number(index) };
  else if (word !== undefined) base = { root: word as 'result' | 'current' | 'any' };
  else base = { root: 'global', name: global! };
  const fields: { name: string; arrow: boolean }[] = [];
  const field = /(\.|->)([A-Za-z_]\w*|\*)/y;
  let at = text.length;
  let all = false;
  while (at < ref.length) {
    field.lastIndex = at;
    const step = field.exec(ref);
    if (step === null || all) return null;
    if (step[2] === '*') {
      if (step[1] !== '.') return null;
      all = true;
    } else fields.push({ name: step[2]!, arrow: step[1] === '->' });
    at = field.lastIndex;
  }
  return { base, fields, all };
}
