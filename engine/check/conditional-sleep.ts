/**
 * Calls that sleep on some of their paths. Whether that is wrong under a spinlock depends on what the caller knows:
 * a function that is told in an argument not to wait does not. What no argument and no flag of that meaning decides
 * (a pointer found in memory, a list that is not empty) the caller cannot rule out.
 */
import type { Configuration } from '../c/index.ts';
import type { SourceUnit } from '../c/unit.ts';
import type { PathStep } from './path-state.ts';
import type { Definition, Program } from './program.ts';
import { type CallEvent, isPlain, type Sleep, sleepOf } from './sleeps.ts';
import type { FunctionWalk } from './walk.ts';

/**
 * How a function of the caller's own file sleeps on a path that its caller cannot keep it from, or null. Only
 * calls in its own body that sleep for certain count: of a condition upon a condition nobody can be sure.
 */
export function conditionalSleep(
  program: Program,
  definition: Definition,
  configuration: Configuration,
  event: CallEvent,
): Sleep | null {
  if (event.contract) return null;
  const callee = program.resolve(event.name, definition.unit, configuration);
  if (!callee || callee.unit !== definition.unit) return null;
  const walk = program.walk(callee, configuration);
  if (!walk.complete) return null;
  let first: { readonly at: number; readonly sleep: Sleep } | null = null;
  for (const inner of walk.events) {
    if (inner.kind !== 'call' || inner.state.joined || (first && first.at <= inner.site.at)) continue;
    if (!isPlain('sleeps', inner, walk) || callerDecides(walk, callee.unit, inner.state.trace)) continue;
    const sleep = sleepOf('sleeps', program, callee, configuration, walk, inner, 1);
    if (sleep?.when === 'always') first = { at: inner.site.at, sleep };
  }
  if (!first) return null;
  const place = { file: callee.unit.path, function: callee.fn.name, ...callee.unit.position(first.at) };
  return { ...first.sleep, chain: [place, ...first.sleep.chain] };
}

/** Words in a condition that tell the context: whoever asks them takes care not to sleep where it must not. */
const CONTEXT =
  /wait|atomic|sleep|block|async|gfp|GFP|rcu|RCU|irq|poll|preempt|in_(?:task|interrupt|nmi)|try|TRY|WAIT|can_|may_|lock|LOCK|state/;

/** True where a condition on the way asks for an argument by its value, or for the context. */
function callerDecides(walk: FunctionWalk, unit: SourceUnit, trace: PathStep | null): boolean {
  for (let step = trace; step; step = step.previous) {
    if (step.kind !== 'branch' || step.inside) continue;
    const text = unit.text.slice(step.at, step.end);
    if (CONTEXT.test(text)) return true;
    for (const param of walk.ir.params) {
      if (param.type.includes('*')) continue;
      if (new RegExp(`(?<![\\w.>])${param.name}\\b(?!\\s*(?:->|\\.|\\[))`).test(text)) return true;
    }
  }
  return false;
}
