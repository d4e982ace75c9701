/** A pointer is used after the lock, the RCU section or the reference that kept it valid is gone. */
import type { Expr, FunctionIR } from '../../c/ir.ts';
import type { PathEvent } from '../events.ts';
import { eachFollowed, expressionsOf } from '../flow.ts';
import { keptIterators, renews } from '../kept-iterators.ts';
import { nameAddress, nameValue } from '../names.ts';
import type { Rule, RuleContext } from '../rule.ts';

type StaleUse = Extract<PathEvent, { kind: 'stale-use' }>;

const ADVICE =
  'Use it before that, keep it with a lock or a reference of its own, or look it up again and check what was found.';

export const stalePointer: Rule = {
  id: 'stale-pointer',
  level: 'error',
  doc: {
    what: 'A pointer is used after the lock, reference or RCU section that kept it valid was dropped, or after a drop-and-retake without a new lookup.',
    why: 'Another task may have freed the object, or put another one in its place, as soon as nothing kept it; taking the lock again does not bring it back.',
    advice: ADVICE,
    bad: `	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	mmap_read_unlock(mm);
	if (vma)
		start = vma->vm_start;`,
    good: `	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (vma)
		start = vma->vm_start;
	mmap_read_unlock(mm);`,
  },
  function: keptAcrossDrop,
  event(context, event) {
    if (event.kind !== 'stale-use' || !event.life.ended) return;
    if (event.state.joined || event.state.broken || !isUse(context, event)) return;
    const { walk, definition } = context;
    const { table } = walk;
    const { life, pointer, state, site } = event;
    const iterates = event.use.kind === 'iterate';
    const name = iterates
      ? nameAddress(table, walk.ir, state, pointer)
      : nameValue(table, walk.ir, state, pointer);
    const { line } = definition.unit.position(event.life.ended.at);
    const found =
      life.foundAt < 0
        ? ''
        : ` ${life.foundBy.replace(/\(.*/, '')}() ${iterates ? 'went on with' : 'found'} it in line ${definition.unit.position(life.foundAt).line}.`;
    context.report({
      at: site.at,
      end: site.end,
      message: iterates
        ? `${site.call}() goes on with ${name}, which was not set anew since line ${line}, where ${event.life.ended.how}`
        : `${name} is used after line ${line}, where ${event.life.ended.how}`,
      why: iterates
        ? `It stands at a place in the tree that may have been freed or moved since.${found}`
        : `The object may be gone, or another one in its place, as soon as nothing keeps it.${found}`,
      advice: iterates
        ? 'Set the iterator anew once the lock is held again, and check what it finds.'
        : ADVICE,
      state,
      last: `${iterates ? 'goes on with' : 'uses'} ${name}`,
      lock: pointer,
      lockName: name,
      shape: `${name} after ${life.foundBy === '' ? 'its end' : life.foundBy}`,
    });
  },
};

/** The caller's RCU section is left and entered again, and an iterator that stands in it stays as it was. */
function keptAcrossDrop(context: RuleContext): void {
  const { program, definition, walk } = context;
  const { unit, fn } = definition;
  const section = walk.table.task('@rcu');
  const exit = walk.exits.find(({ state }) => {
    const past = state.history.get(section);
    return past && past.owed > 0 && past.owedAt >= 0 && state.locks.some((held) => held.key === section);
  });
  if (!exit) return;
  const variables = [...walk.ir.params, ...walk.ir.locals];
  for (const { tag, member } of keptIterators(program, unit)) {
    const holder = variables.find((one) =>
      new RegExp(`\\bstruct\\s+${tag}\\s*\\*\\s*$`).test(one.type.trim()),
    );
    if (!holder || renews(program, unit, fn, member)) continue;
    const dropped = exit.state.history.get(section)!.owedAt;
    const retaken = exit.locks.find((held) => held.key === section)!.site;
    context.report({
      at: retaken,
      end: retaken + 1,
      message: `the RCU read section that was left in line ${unit.position(dropped).line} is entered again, but ${holder.name}->${member} is not set anew`,
      why: 'It stands at a place in the tree that may have been freed or moved since, and the next lookup goes on from there.',
      advice: 'Set the iterator anew once the section is entered again.',
      state: exit.state,
      last: `${holder.name}->${member} still stands where it stood`,
      lock: section,
      lockName: `${holder.name}->${member}`,
      shape: `${member} kept`,
    });
  }
}

/** True where the pointer is followed: here, or first thing in the callee. */
function isUse({ program, definition, configuration }: RuleContext, { use }: StaleUse): boolean {
  if (use.kind !== 'argument' || use.followed) return true;
  const callee = use.callee === null ? null : program.resolve(use.callee, definition.unit, configuration);
  return callee !== null && followsFirst(program.lower(callee, configuration), use.argument);
}

/** True where the function follows a parameter before its first branch. */
function followsFirst(ir: FunctionIR, index: number): boolean {
  const param = ir.params[index]?.name;
  const is = (expr: Expr) => expr.kind === 'name' && expr.name === param;
  let followed = false;
  let block = ir.blocks[ir.entry];
  for (let hops = 0; block && hops < ir.blocks.length; hops++) {
    const steps = [...block.instructions, block.terminator];
    for (const step of steps) {
      for (const expr of expressionsOf(step)) {
        eachFollowed(expr, false, (pointer) => {
          followed ||= is(pointer);
        });
      }
      if (followed) return true;
      // From here on the name stands for something else.
      if (step.kind === 'assign' && is(step.target)) return false;
    }
    block = block.terminator.kind === 'goto' ? ir.blocks[block.terminator.to] : undefined;
  }
  return false;
}
