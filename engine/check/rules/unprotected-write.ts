/** A field of a VMA is written under less than its documentation asks for. */
import { symbolValue } from '../../c/index.ts';
import type { Expr } from '../../c/ir.ts';
import { type FieldRule, fieldRules } from '../../protocol/stability.ts';
import type { Held } from '../../state/lock-state.ts';
import type { PathEvent } from '../events.ts';
import { ZERO } from '../facts.ts';
import { nameLock, nameValue } from '../names.ts';
import type { Rule, RuleContext } from '../rule.ts';
import type { Term } from '../terms.ts';
import { classesOf } from '../values.ts';

type Write = Extract<PathEvent, { kind: 'guarded-write' }>;

const ADVICE =
  'Take the mmap_lock for writing and write-lock the VMA (vma_start_write()) before the write, or use the accessor that does.';

export const unprotectedWrite: Rule = {
  id: 'unprotected-write',
  level: 'error',
  doc: {
    what: 'A field is written without the lock that its documentation names (VMA fields and the write lock).',
    why: 'Readers hold the mmap_lock for reading or the read lock of the VMA alone, and see the field change under them.',
    advice: ADVICE,
    bad: `	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (vma)
		vma->vm_page_prot = prot;
	mmap_read_unlock(mm);`,
    good: `	mmap_write_lock(mm);
	vma = vma_lookup(mm, addr);
	if (vma) {
		vma_start_write(vma);
		vma->vm_page_prot = prot;
	}
	mmap_write_unlock(mm);`,
  },
  event(context, event) {
    if (event.kind !== 'guarded-write' || event.state.joined || event.state.broken) return;
    const isNull = classesOf(context.walk.table, event.state, event.value) === ZERO;
    const rules = fieldRules(event.field).filter((rule) => !rule.to || (rule.to === 'null') === isNull);
    const missing = rules.map((rule) => lacking(context, event, rule));
    const [first] = missing;
    if (!first || missing.includes(null)) return;
    const { walk } = context;
    const name = nameValue(walk.table, walk.ir, event.state, event.object);
    context.report({
      at: event.site.at,
      end: event.site.end,
      message: `${name}->${event.field} is written ${first.text}`,
      why: first.why,
      advice: ADVICE,
      state: event.state,
      last: `writes ${name}->${event.field}`,
      lock: first.lock,
      lockName: `the locks of ${name}`,
      shape: `${event.field} ${first.shape}`,
    });
  },
};

interface Lacking {
  readonly text: string;
  readonly why: string;
  readonly lock: Term;
  readonly shape: string;
}

/**
 * What this path lacks for certain: its own locks say so, for whatever its caller holds, it cannot hold the same
 * lock in another mode. An area that did not come out of the tree here may be private, and needs none.
 */
function lacking(context: RuleContext, event: Write, rule: FieldRule): Lacking | null {
  const { walk } = context;
  const { table, ir } = walk;
  const { state, object } = event;
  const lock = table.field(object, 'vma_lock');
  const vma = state.locks.find((held) => held.key === lock);
  const mmap = state.locks.find((held) => held.kind === 'mmap');
  const found = state.lives.has(object) || vma !== undefined;
  if (!found || state.lives.get(object)?.ended) return null;
  const line = (held: Held<Term>) => context.definition.unit.position(held.site).line;
  const readers = 'Page faults and other readers hold the same, and see the field change under them.';
  if (rule.mmap === 'W') {
    if (mmap && mmap.mode !== 'W') {
      return {
        text: `with ${nameLock(table, ir, state, mmap.key, 'mmap')} held for reading only, since line ${line(mmap)}`,
        why: `Writing ${event.field} takes the mmap_lock for writing and the write lock of the VMA. ${readers}`,
        lock: mmap.key,
        shape: 'mmap_lock for reading',
      };
    }
    if (!mmap && vma?.mode === 'R') {
      return {
        text: `under the read lock of the VMA, held since line ${line(vma)}`,
        why: `Writing ${event.field} takes the mmap_lock for writing and the write lock of the VMA. ${readers}`,
        lock,
        shape: 'VMA read lock',
      };
    }
  }
  if (rule.vma === 'W' && mmap?.mode === 'W' && vma?.mode !== 'W' && !mayBeLockedUnseen(context, event)) {
    return {
      text: `without the write lock of the VMA; only ${nameLock(table, ir, state, mmap.key, 'mmap')} is held`,
      why: 'Page faults that hold just the read lock of the VMA are not kept out by the mmap_lock.',
      lock,
      shape: 'no VMA write lock',
    };
  }
  if (rule.pageTableLock && mmap && mmap.mode !== 'W' && !state.locks.some(isPageTableLock)) {
    return {
      text: `with ${nameLock(table, ir, state, mmap.key, 'mmap')} held for reading, but no page_table_lock`,
      why: 'Two faults may set it at once; the page_table_lock decides which of them does.',
      lock: mmap.key,
      shape: 'no page_table_lock',
    };
  }
  return null;
}

function isPageTableLock(held: Held<Term>): boolean {
  return held.kind === 'ptl' || held.kind === 'spinlock';
}

/** True where there is no such lock, or where a callee that is not followed was given the VMA. */
function mayBeLockedUnseen({ program, definition, configuration, walk }: RuleContext, event: Write): boolean {
  if (symbolValue('CONFIG_PER_VMA_LOCK', configuration) === 'n') return true;
  const { ir } = walk;
  const names = new Set<string>();
  for (const [address, value] of event.state.memory) {
    if (value === event.object && walk.table.kind(address) === 'local') names.add(walk.table.name(address));
  }
  const gives = (expr: Expr): boolean =>
    expr.kind === 'name'
      ? names.has(expr.name)
      : (expr.kind === 'address' || expr.kind === 'cast') && gives(expr.operand);
  return ir.blocks.some((block) =>
    block.instructions.some((one) => {
      if (one.kind !== 'call' || !one.args.some(gives)) return false;
      if (one.name === null) return true;
      if (program.contracts.lookup(one.name)) return false;
      const callee = program.resolve(one.name, definition.unit, configuration);
      return !callee || !program.summary(callee, configuration)?.complete;
    }),
  );
}
