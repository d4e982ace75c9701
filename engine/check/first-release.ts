/** The earliest place on a path at which a lock that it never took is released. */
import type { ConfigurationCheck, RawFinding } from './configuration-check.ts';
import type { Finding } from './finding.ts';
import type { PathStep } from './path-state.ts';
import type { Definition } from './program.ts';
import { renderTrace } from './trace.ts';

/**
 * A second release of a lock that the path never took says that one release too many was made, not which. Where
 * the text is known to be at fault, the first one is: the finding then ends there, on the shortest path that shows
 * another lock being taken and this one given back. Other findings are returned as they are.
 */
export function atFirstRelease(
  { unit }: Definition,
  checks: readonly ConfigurationCheck[],
  finding: Finding,
): Finding {
  for (const { raw, walk } of checks) {
    const from = raw.find((one) => one.finding.trace === finding.trace);
    if (!from) continue;
    const step = firstRelease(from);
    if (!step) return finding;
    const by = step.inside?.function ?? unit.text.slice(step.at, step.end).split('(')[0]!;
    const { lockName } = from.report;
    const report = {
      ...from.report,
      at: step.at,
      end: step.end,
      inside: step.inside,
      state: { ...from.report.state, trace: step.previous, locks: step.locks },
      last: `releases ${lockName}, which this path never took`,
    };
    return {
      ...finding,
      message: `${by}() releases ${lockName}, which this path never took`,
      trace: renderTrace(walk.table, walk.ir, unit, report),
    };
  }
  return finding;
}

/** The first release of the finding's lock, if nothing took it before and something else is held there. */
function firstRelease({ report }: RawFinding): PathStep | null {
  let first: PathStep | null = null;
  for (let step = report.state.trace; step; step = step.previous) {
    if (step.lock !== report.lock) continue;
    if (step.kind === 'acquire') return null;
    if (step.kind === 'release') first = step;
  }
  return first && first.locks.length > 0 ? first : null;
}
