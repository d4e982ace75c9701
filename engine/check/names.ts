/** How locks and values are called in a message: as the code spells them. */
import type { FunctionIR } from '../c/ir.ts';
import type { LockKind } from '../protocol/contract.ts';
import { lockKind, VIRTUAL_FIELDS } from '../protocol/kinds.ts';
import type { PathState } from './path-state.ts';
import type { Term, TermTable } from './terms.ts';

/** `mm->mmap_lock`, `the VMA lock of vma`, `the RCU read section`. */
export function nameLock(
  table: TermTable,
  ir: FunctionIR,
  state: PathState,
  lock: Term,
  kind: LockKind,
): string {
  const facts = lockKind(kind);
  if (kind === 'named') return nameNamed(table, ir, state, lock);
  if (table.kind(lock) === 'task') {
    const global = table.name(lock).slice(1);
    return facts.level === 'context' || kind === 'rcu' ? `the ${facts.title}` : global;
  }
  if (table.kind(lock) === 'field' && VIRTUAL_FIELDS.has(table.name(lock))) {
    return `the ${facts.title} of ${nameValue(table, ir, state, table.a(lock))}`;
  }
  return nameAddress(table, ir, state, lock);
}

/** A lock known by the name of the function that takes it: `the lock of foo_lock(x)`. */
function nameNamed(table: TermTable, ir: FunctionIR, state: PathState, lock: Term): string {
  if (table.kind(lock) !== 'field') return `the lock of ${table.spell(lock).replace('@', '')}()`;
  return `the lock of ${table.name(lock)}(${nameValue(table, ir, state, table.a(lock))})`;
}

/** An address in the spelling of the place it belongs to: `mm->mmap_lock` for `&mm->mmap_lock`. */
export function nameAddress(table: TermTable, ir: FunctionIR, state: PathState, address: Term): string {
  switch (table.kind(address)) {
    case 'field': {
      const base = table.a(address);
      const inPlace = ['local', 'global', 'field', 'element'].includes(table.kind(base));
      const left = inPlace ? nameAddress(table, ir, state, base) : nameValue(table, ir, state, base);
      return `${left}${inPlace ? '.' : '->'}${table.name(address)}`;
    }
    case 'element':
      return `${nameValue(table, ir, state, table.a(address))}[]`;
    case 'local':
    case 'global':
    case 'task':
      return plain(table.name(address));
    default:
      // `spin_lock(ptl)`: the pointer is all the name that the lock has here.
      return nameValue(table, ir, state, address);
  }
}

/** A value in the spelling of a variable that holds it, else of the place it was read from. */
export function nameValue(table: TermTable, ir: FunctionIR, state: PathState, value: Term): string {
  const kind = table.kind(value);
  if (kind === 'param') return ir.params[table.a(value)]?.name ?? `argument ${table.a(value)}`;
  if (kind !== 'constant' && kind !== 'symbolic') {
    for (const [address, held] of state.memory) {
      if (held === value && table.kind(address) === 'local' && !table.name(address).startsWith('%')) {
        return plain(table.name(address));
      }
    }
  }
  switch (kind) {
    case 'load':
      return nameAddress(table, ir, state, table.a(value));
    case 'field':
    case 'element':
    case 'local':
    case 'global':
      return `&${nameAddress(table, ir, state, value)}`;
    case 'fresh': {
      // Some are called after the variable that they were put into.
      const name = table.name(value);
      return ir.locals.some((local) => local.name === name) ? plain(name) : `the result of ${name}()`;
    }
    case 'operation': {
      const op = table.name(value);
      if (op.startsWith('pure:')) return `${op.slice(5)}(${nameValue(table, ir, state, table.a(value))})`;
      if (op.startsWith('container:')) return `the owner of ${nameValue(table, ir, state, table.a(value))}`;
      return table.spell(value);
    }
    default:
      return table.spell(value);
  }
}

/** A local's name without the mark of a shadowing declaration. */
function plain(name: string): string {
  return name.replace(/@\d+$/, '');
}

/** The variable that the result of the call at an offset is put into, or null where it is put into none. */
export function nameOfResult(ir: FunctionIR, at: number): string | null {
  for (const block of ir.blocks) {
    for (const one of block.instructions) {
      if (one.kind !== 'call' || one.at !== at || one.result?.kind !== 'name') continue;
      const { name, binding } = one.result;
      if (binding !== 'temp') return plain(name);
      for (const { instructions } of ir.blocks) {
        for (const copy of instructions) {
          if (copy.kind !== 'assign' || copy.value.kind !== 'name' || copy.value.name !== name) continue;
          if (copy.target.kind === 'name') return plain(copy.target.name);
        }
      }
    }
  }
  return null;
}
