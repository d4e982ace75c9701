/** A reference that some error paths give back and others do not. */
import type { Expr, FunctionIR } from '../../c/ir.ts';
import type { Contract } from '../../protocol/contract.ts';
import type { Exit } from '../events.ts';
import { memoryDiffers } from '../exits.ts';
import { NEGATIVE, POSITIVE } from '../facts.ts';
import { eachName } from '../flow.ts';
import { nameOfResult, nameValue } from '../names.ts';
import type { Life } from '../pointer-lives.ts';
import type { Definition } from '../program.ts';
import type { Rule, RuleContext } from '../rule.ts';
import type { Term } from '../terms.ts';
import { classesOf } from '../values.ts';

const ADVICE = 'Give the reference back on this path too, or jump to the label that does.';

export const referenceLeak: Rule = {
  id: 'reference-leak',
  level: 'warning',
  doc: {
    what: 'A reference (`mmget`, `folio_get`, `get_task_struct`, …) is dropped on some but not all error paths.',
    why: 'The object is never freed: its count does not come down to zero any more, and what it holds in turn is lost with it.',
    advice: ADVICE,
    bad: `	task = get_pid_task(pid, PIDTYPE_PID);
	if (!task)
		return -ESRCH;
	if (!may_watch(mode))
		return -EPERM;		/* the task is kept forever */
	if (!add_watch(watch)) {
		put_task_struct(task);
		return -ENOMEM;
	}`,
    good: `	if (!may_watch(mode))
		return -EPERM;
	task = get_pid_task(pid, PIDTYPE_PID);
	if (!task)
		return -ESRCH;
	if (!add_watch(watch)) {
		put_task_struct(task);
		return -ENOMEM;
	}`,
  },
  function(context) {
    const { walk, definition } = context;
    const errors = walk.exits.filter(
      (exit) => !exit.state.joined && !exit.state.broken && isError(context, exit),
    );
    for (const exit of errors) {
      for (const [object, life] of exit.state.lives) {
        if (life.references <= 0 || life.ended || walk.isUnstable(object)) continue;
        const balanced = errors.find(
          (other) => givesBack(other, object, life) && !memoryDiffers(walk.table, exit, other),
        );
        if (
          !balanced ||
          life.givenTo.some((given) => mayUseUp(context, given.callee, given.argument, definition, 0))
        )
          continue;
        // At the return the variable is dead, so its name is looked up where it was set.
        const found = walk.table.kind(object) === 'fresh' ? nameOfResult(walk.ir, life.foundAt) : null;
        const name = found ?? nameValue(walk.table, walk.ir, exit.state, object);
        const line = (at: number) => definition.unit.position(at).line;
        context.report({
          at: exit.at,
          end: exit.end,
          message: `this error return keeps the reference to ${name} that ${life.foundBy}() took in line ${line(life.foundAt)}`,
          why: `The error return in line ${line(balanced.at)} gives it back, and a caller cannot tell the two apart.`,
          advice: ADVICE,
          state: exit.state,
          last: `returns with the reference to ${name}`,
          lock: object,
          lockName: name,
          shape: `${life.foundBy} kept`,
        });
      }
    }
  },
};

/** True for a return that says that the function failed. */
function isError({ walk }: RuleContext, { state, value }: Exit): boolean {
  if (value === null) return false;
  const classes = classesOf(walk.table, state, value);
  return classes === NEGATIVE || (walk.ir.returnType.includes('*') && !(classes & POSITIVE));
}

/** True where another path took the same reference and gave it back. */
function givesBack(other: Exit, object: Term, life: Life): boolean {
  const there = other.state.lives.get(object);
  return there !== undefined && there.references === 0 && there.foundAt === life.foundAt;
}

/** Bodies are followed this deep. */
const MAX_DEPTH = 3;

/** True where a callee may give the reference back itself, or keep it: its body says, where it is in view. */
function mayUseUp(
  context: RuleContext,
  callee: string | null,
  argument: number,
  from: Definition,
  depth: number,
): boolean {
  if (callee === null || depth > MAX_DEPTH) return true;
  const contract = context.program.contracts.lookup(callee);
  if (contract) return !onlyLooks(contract);
  const body = context.program.resolve(callee, from.unit, context.configuration);
  if (!body) return true;
  const ir = context.program.lower(body, context.configuration);
  const names = aliasesOf(ir, argument);
  if (names === null) return true;
  const mentions = (expr: Expr) => {
    let found = false;
    eachName(expr, (name) => {
      found ||= names.has(name);
    });
    return found;
  };
  return ir.blocks.some((block) =>
    block.instructions.some((one) => {
      if (one.kind === 'opaque' || one.kind === 'cleanup') return true;
      if (one.kind !== 'call') return false;
      const at = one.args.findIndex(mentions);
      return at >= 0 && mayUseUp(context, one.name, at, body, depth + 1);
    }),
  );
}

/** The variables that hold a parameter, or null where it is stored elsewhere. */
function aliasesOf(ir: FunctionIR, argument: number): ReadonlySet<string> | null {
  const param = ir.params[argument];
  if (!param) return null;
  const names = new Set([param.name]);
  for (let before = 0; before !== names.size; ) {
    before = names.size;
    for (const block of ir.blocks) {
      for (const one of block.instructions) {
        if (one.kind !== 'assign' || !holds(one.value, names)) continue;
        if (one.target.kind !== 'name' || one.target.binding === 'global') return null;
        names.add(one.target.name);
      }
    }
  }
  return names;
}

/** True where the value of an expression is one of the pointers, or an address in what they point to. */
function holds(expr: Expr, names: ReadonlySet<string>): boolean {
  switch (expr.kind) {
    case 'name':
      return names.has(expr.name);
    case 'cast':
      return holds(expr.operand, names);
    case 'address': {
      let place = expr.operand;
      while (place.kind === 'field' && !place.arrow) place = place.base;
      return place.kind === 'field' ? holds(place.base, names) : holds(place, names);
    }
    case 'aggregate':
      return expr.fields.some((field) => holds(field.value, names));
    default:
      return false;
  }
}

/** True for a function that takes locks, or tells something of its argument, and leaves the count alone. */
function onlyLooks(contract: Contract): boolean {
  const effects = contract.outcomes.flatMap((outcome) => outcome.effects);
  if (effects.some((effect) => effect.op !== 'set' && effect.kind === 'reference')) return false;
  return effects.length > 0 || contract.value !== undefined || contract.assertion === true;
}
