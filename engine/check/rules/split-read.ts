/** A range is read area by area, each under its own lock: no moment at which all of it was so. */
import type { FunctionIR } from '../../c/ir.ts';
import type { Effect } from '../../protocol/contract.ts';
import { successors } from '../flow.ts';
import type { Rule } from '../rule.ts';
import type { CallEvent } from '../sleeps.ts';

const WHY =
  'Each VMA lock keeps one area. While the next one is looked up, the address space may be changed: areas read earlier may be gone, and parts of the range may be seen twice or not at all.';
const ADVICE =
  'Say that the result may be torn between areas, or take the mmap_lock for the whole range where it must not be.';

export const splitRead: Rule = {
  id: 'split-read',
  level: 'note',
  doc: {
    what: 'One logical read spans several VMAs, each locked on its own.',
    why: WHY,
    advice: ADVICE,
    bad: `	while (len) {
		vma = lock_vma_under_rcu(mm, addr);
		if (!vma)
			break;
		span = copy_from_area(vma, addr, buf, len);
		vma_end_read(vma);
		addr += span;
		len -= span;
	}`,
    good: `	mmap_read_lock(mm);
	while (len) {
		vma = vma_lookup(mm, addr);
		if (!vma)
			break;
		span = copy_from_area(vma, addr, buf, len);
		addr += span;
		len -= span;
	}
	mmap_read_unlock(mm);`,
  },
  function(context) {
    const { walk } = context;
    const calls = walk.events.filter((event): event is CallEvent => event.kind === 'call');
    const releases = calls.filter((event) => vmaEffects(event, 'release').length > 0);
    const seen = new Set<number>();
    for (const event of calls) {
      const { at, end } = event.site;
      if (seen.has(at) || !vmaEffects(event, 'acquire').some((effect) => effect.lock.startsWith('result')))
        continue;
      seen.add(at);
      // Under the mmap_lock nothing changes in between.
      if (event.state.locks.some((held) => held.kind === 'mmap')) continue;
      const round = roundOf(walk.ir, at);
      if (!round || !releases.some((one) => round.places.has(one.site.at))) continue;
      const moving = round.moving[0];
      if (moving === undefined) continue;
      context.report({
        at,
        end,
        message: `${event.name}() locks one VMA after the other as ${moving} moves on: what is read of them is not of one moment`,
        why: WHY,
        advice: ADVICE,
        state: event.state,
        last: `${event.name}() locks the VMA of this round`,
        lock: -1,
        lockName: 'the VMA lock',
        shape: `${event.name} in rounds`,
      });
    }
  },
};

function vmaEffects({ contract }: CallEvent, op: 'acquire' | 'release') {
  return (contract?.outcomes ?? [])
    .flatMap((outcome) => outcome.effects)
    .filter(
      (one): one is Extract<Effect, { op: 'acquire' | 'release' }> =>
        one.op === op && one.kind === 'vma' && one.mode === 'R',
    );
}

/** The loop around a call: the places in it, and the variables among the call's arguments that it counts on. */
function roundOf(
  ir: FunctionIR,
  at: number,
): { readonly places: ReadonlySet<number>; readonly moving: readonly string[] } | null {
  const block = ir.blocks.find((one) => one.instructions.some((instruction) => instruction.at === at));
  if (!block) return null;
  const after = reached(ir, block.id);
  if (!after.has(block.id)) return null;
  const members = [...after].filter((id) => reached(ir, id).has(block.id));
  const inside = members.flatMap((id) => ir.blocks[id]!.instructions);
  const call = inside.find((one) => one.kind === 'call' && one.at === at);
  if (call?.kind !== 'call') return null;
  const moving = call.args.slice(1).flatMap((arg) => {
    if (arg.kind !== 'name') return [];
    const counted = inside.some(
      (one) =>
        one.kind === 'assign' &&
        one.target.kind === 'name' &&
        one.target.name === arg.name &&
        one.value.kind !== 'number',
    );
    return counted ? [arg.name] : [];
  });
  return { places: new Set(inside.map((one) => one.at)), moving };
}

/** The blocks that can be come to from the end of a block. */
function reached(ir: FunctionIR, from: number): ReadonlySet<number> {
  const seen = new Set<number>();
  const work = [from];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    for (const next of successors(ir.blocks[id]!.terminator)) {
      if (seen.has(next)) continue;
      seen.add(next);
      work.push(next);
    }
  }
  return seen;
}
