/** What was read under a sequence count, or while nobody was writing the address space, is used unchecked. */
import type { Block, Expr, FunctionIR, Instruction } from '../../c/ir.ts';
import type { Contract } from '../../protocol/contract.ts';
import { eachName, successors } from '../flow.ts';
import type { Rule, RuleContext } from '../rule.ts';
import type { CallEvent } from '../sleeps.ts';

const ADVICE =
  'Ask after the reads whether a writer came in between, and read again (or take the lock) where one did.';

export const seqcountRetry: Rule = {
  id: 'seqcount-retry',
  level: 'warning',
  doc: {
    what: 'A value read under a sequence count or speculation is used without the retry check.',
    why: 'No lock kept the writer out: what was read may be half old and half new, and only the check afterwards tells.',
    advice: ADVICE,
    bad: `	seq = read_seqbegin(&clock->lock);
	now = clock->base + clock->offset;
	return now;`,
    good: `	do {
		seq = read_seqbegin(&clock->lock);
		now = clock->base + clock->offset;
	} while (read_seqretry(&clock->lock, seq));
	return now;`,
  },
  function(context) {
    const calls = sequenceCalls(context);
    for (const block of context.walk.ir.blocks) {
      for (const [index, one] of block.instructions.entries()) {
        const call = one.kind === 'call' ? calls.get(one.at) : undefined;
        if (!call || one.kind !== 'call') continue;
        if (call.does === 'retry') reportDropped(context, call.event, one);
        else reportUnchecked(context, calls, call.event, block, index);
      }
    }
  },
};

interface SequenceCall {
  readonly does: 'begin' | 'retry';
  readonly event: CallEvent;
}

/** The calls on some path that begin to read, or that ask whether what was read is good, by offset. */
function sequenceCalls({ walk }: RuleContext): ReadonlyMap<number, SequenceCall> {
  const calls = new Map<number, SequenceCall>();
  for (const event of walk.events) {
    if (event.kind !== 'call' || !event.contract || calls.has(event.site.at)) continue;
    if (touches(event.contract, 'acquire')) calls.set(event.site.at, { does: 'begin', event });
    else if (touches(event.contract, 'release')) calls.set(event.site.at, { does: 'retry', event });
  }
  return calls;
}

function touches(contract: Contract, op: 'acquire' | 'release'): boolean {
  return contract.outcomes.some((outcome) =>
    outcome.effects.some((effect) => effect.op === op && effect.kind === 'speculation'),
  );
}

function reportDropped(context: RuleContext, event: CallEvent, call: Extract<Instruction, { kind: 'call' }>) {
  if (call.result !== null) return;
  context.report({
    at: event.site.at,
    end: event.site.end,
    message: `nothing looks at the result of ${event.name}(), which says whether to read again`,
    why: 'Where a writer came in between, what was read is used all the same.',
    advice: ADVICE,
    state: event.state,
    last: `calls ${event.name}() and drops the result`,
    lock: -1,
    lockName: event.name,
    shape: `${event.name} dropped`,
  });
}

function reportUnchecked(
  context: RuleContext,
  calls: ReadonlyMap<number, SequenceCall>,
  begin: CallEvent,
  block: Block,
  index: number,
): void {
  const { unit } = context.definition;
  const use = new Section(context.walk.ir, calls, context).usedUnchecked(block, index);
  if (!use) return;
  context.report({
    at: begin.site.at,
    end: begin.site.end,
    message: `what is read after ${begin.name}() ${use.how} in line ${unit.position(use.at).line} without asking whether a writer came in between`,
    why: 'No lock kept the writer out: what was read may be half old and half new, and only the check afterwards tells.',
    advice: ADVICE,
    state: begin.state,
    last: `calls ${begin.name}()`,
    lock: -1,
    lockName: begin.name,
    shape: `${begin.name} ${use.how}`,
  });
}

interface Use {
  readonly at: number;
  readonly how: string;
}

/** What one place in the section knows of the variables. Sets only grow, so that loops end. */
interface Knowledge {
  /** Hold what was read in the section, or something made of it. */
  readonly values: ReadonlySet<string>;
  /** Hold the sequence number: whoever is given it asks. */
  readonly sequence: ReadonlySet<string>;
  /** Hold whether the section was entered at all. */
  readonly entered: ReadonlySet<string>;
  /** The first place where a value was written to memory that the caller can see. */
  readonly published: Use | null;
}

/** The code behind one beginning, up to the check. */
class Section {
  readonly #ir: FunctionIR;
  readonly #calls: ReadonlyMap<number, SequenceCall>;
  readonly #context: RuleContext;

  constructor(ir: FunctionIR, calls: ReadonlyMap<number, SequenceCall>, context: RuleContext) {
    this.#ir = ir;
    this.#calls = calls;
    this.#context = context;
  }

  /** The first use of a value that leaves the function on a way without the check, or null. */
  usedUnchecked(block: Block, index: number): Use | null {
    const call = block.instructions[index] as Extract<Instruction, { kind: 'call' }>;
    const conditional = call.args.length > 1;
    const result = call.result?.kind === 'name' ? [call.result.name] : [];
    const numbers = conditional ? call.args.slice(1).flatMap(namesIn) : result;
    // Nobody keeps the number: then nobody can ask, and it is not for reading that the count is looked at.
    if (numbers.length === 0) return null;
    const start: Knowledge = {
      values: new Set(),
      sequence: new Set(numbers),
      entered: new Set(conditional ? result : []),
      published: null,
    };
    const known = new Map<number, Knowledge>();
    const work: { id: number; from: number; at: Knowledge }[] = [
      { id: block.id, from: index + 1, at: start },
    ];
    let best: Use | null = null;
    for (let next = work.pop(); next; next = work.pop()) {
      const end = this.#walk(this.#ir.blocks[next.id]!, next.from, next.at);
      if (end === null) continue;
      if ('use' in end) {
        if (end.use && (!best || end.use.at < best.at)) best = end.use;
        continue;
      }
      for (const id of end.to) {
        const before = known.get(id);
        const merged = before ? union(before, end.at) : end.at;
        if (before && size(before) === size(merged)) continue;
        known.set(id, merged);
        work.push({ id, from: 0, at: merged });
      }
    }
    return best;
  }

  /** Where the block leads, the use that it ends in, or null where what was read is checked or handed on. */
  #walk(
    block: Block,
    from: number,
    before: Knowledge,
  ): { readonly to: readonly number[]; readonly at: Knowledge } | { readonly use: Use | null } | null {
    let at = before;
    for (const one of block.instructions.slice(from)) {
      const after = one.kind === 'call' ? this.#call(one, at) : one.kind === 'assign' ? assign(one, at) : at;
      if (after === null) return null;
      at = after;
    }
    const end = block.terminator;
    if (end.kind === 'return') {
      const value = end.value;
      if (value && mentions(value, at.sequence)) return null;
      if (value && isRead(value, at)) return { use: { at: end.at, how: 'is returned' } };
      return { use: at.published };
    }
    // Compared by hand.
    if (end.kind === 'branch' && mentions(end.condition, at.sequence)) return null;
    if (end.kind === 'switch' && mentions(end.value, at.sequence)) return null;
    if (end.kind === 'branch') {
      const { condition } = end;
      if (condition.kind === 'name' && at.entered.has(condition.name)) return { to: [end.then], at };
      if (condition.kind === 'unary' && condition.op === '!' && mentions(condition.operand, at.entered))
        return { to: [end.otherwise], at };
    }
    return { to: successors(end), at };
  }

  #call(call: Extract<Instruction, { kind: 'call' }>, at: Knowledge): Knowledge | null {
    if (this.#calls.has(call.at) || call.args.some((arg) => mentions(arg, at.sequence))) return null;
    if (call.result?.kind !== 'name') return at;
    const contract = call.name === null ? null : this.#context.program.contracts.lookup(call.name);
    const made = contract?.value !== undefined && call.args.some((arg) => isRead(arg, at));
    return withValue(at, call.result.name, made);
  }
}

function assign(one: Extract<Instruction, { kind: 'assign' }>, at: Knowledge): Knowledge | null {
  const local = one.target.kind === 'name' && one.target.binding !== 'global' ? one.target.name : null;
  if (mentions(one.value, at.sequence)) {
    return local === null ? null : { ...at, sequence: new Set([...at.sequence, local]) };
  }
  if (one.value.kind === 'name' && at.entered.has(one.value.name) && local !== null) {
    return { ...at, entered: new Set([...at.entered, local]) };
  }
  const read = isRead(one.value, at);
  if (local !== null) return withValue(at, local, read);
  if (!read || at.published || !readsMemory(one.target)) return at;
  return { ...at, published: { at: one.at, how: 'is stored' } };
}

function withValue(at: Knowledge, name: string, isValue: boolean): Knowledge {
  if (at.values.has(name) === isValue) return at;
  const values = new Set(at.values);
  if (isValue) values.add(name);
  else values.delete(name);
  return { ...at, values };
}

function isRead(expr: Expr, at: Knowledge): boolean {
  return readsMemory(expr) || mentions(expr, at.values);
}

/** True where evaluating the expression looks into memory that others can write. */
function readsMemory(expr: Expr): boolean {
  switch (expr.kind) {
    case 'field':
      return expr.arrow || readsMemory(expr.base);
    case 'deref':
      return true;
    case 'index':
      return readsMemory(expr.base) || readsMemory(expr.index);
    case 'unary':
    case 'cast':
      return readsMemory(expr.operand);
    case 'binary':
      return readsMemory(expr.left) || readsMemory(expr.right);
    default:
      return false;
  }
}

function mentions(expr: Expr, names: ReadonlySet<string>): boolean {
  return namesIn(expr).some((name) => names.has(name));
}

function namesIn(expr: Expr): readonly string[] {
  const names: string[] = [];
  eachName(expr, (name) => names.push(name));
  return names;
}

function union(left: Knowledge, right: Knowledge): Knowledge {
  return {
    values: new Set([...left.values, ...right.values]),
    sequence: new Set([...left.sequence, ...right.sequence]),
    entered: new Set([...left.entered, ...right.entered]),
    published: left.published ?? right.published,
  };
}

function size({ values, sequence, entered, published }: Knowledge): number {
  return values.size + sequence.size + entered.size + (published ? 1 : 0);
}
