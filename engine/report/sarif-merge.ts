/** Putting the parts of a sharded run together: GitHub takes 20 runs of one tool, a whole tree may have more. */
import type { Log, Notification, Result, Run } from 'sarif';
import { fingerprints, GITHUB_LIMITS, SARIF_SCHEMA, sarifText } from './sarif-report.ts';

export interface SarifPart {
  /** What a person calls it: its file. */
  readonly name: string;
  readonly text: string;
}

/**
 * Merges reports that `sarifReport` wrote into one run. A result that two parts have is kept once; results are
 * ordered by file, line, column and rule, so the order of the parts does not matter.
 * @returns the merged report, or, for a part that is not such a report, a message that names it.
 */
export function mergeSarif(
  parts: readonly SarifPart[],
  limit: number = GITHUB_LIMITS.results,
): { readonly text: string; readonly problem: null } | { readonly text: null; readonly problem: string } {
  const runs: Run[] = [];
  for (const part of parts) {
    const log = readLog(part.text);
    if (typeof log === 'string') return { text: null, problem: `${part.name}: ${log}` };
    runs.push(...log.runs);
  }
  const [first] = runs;
  if (first === undefined) return { text: null, problem: 'there is no report to merge' };
  const rules = new Map(
    runs.flatMap((run) => run.tool.driver.rules ?? []).map((rule) => [rule.id, rule] as const),
  );
  const ids = [...rules.keys()].sort();
  const ruleIndex = new Map(ids.map((id, index) => [id, index]));
  const results = new Map<string, Result>();
  for (const result of runs.flatMap((run) => run.results ?? [])) results.set(resultKey(result), result);
  const ordered = [...results.entries()].sort(([left], [right]) =>
    left < right ? -1 : left > right ? 1 : 0,
  );
  const kept = mostSevere(
    ordered.map(([, result]) => result),
    limit,
  );
  const notifications = new Map<string, Notification>();
  for (const run of runs) {
    for (const invocation of run.invocations ?? []) {
      for (const one of invocation.toolExecutionNotifications ?? [])
        notifications.set(JSON.stringify(one), one);
    }
  }
  if (kept.length < ordered.length) {
    const message = { text: `${ordered.length - kept.length} results of the least severe are left out.` };
    notifications.set('', { level: 'warning', message });
  }
  const sorted = [...notifications.entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, one]) => one);
  const successful = runs.every((run) => (run.invocations ?? []).every((one) => one.executionSuccessful));
  const merged: Run = {
    ...first,
    tool: { driver: { ...first.tool.driver, rules: ids.map((id) => rules.get(id)!) } },
    invocations: [
      {
        executionSuccessful: successful,
        ...(sorted.length > 0 ? { toolExecutionNotifications: sorted } : {}),
      },
    ],
    results: renumbered(kept, ruleIndex),
  };
  const log: Log = { version: '2.1.0', $schema: SARIF_SCHEMA, runs: [merged] };
  return { text: sarifText(log), problem: null };
}

function mostSevere(results: readonly Result[], limit: number): Result[] {
  if (results.length <= limit) return [...results];
  const rank = (result: Result) => ['error', 'warning', 'note'].indexOf(result.level ?? 'warning');
  const kept = new Set([...results].sort((left, right) => rank(left) - rank(right)).slice(0, limit));
  return results.filter((result) => kept.has(result));
}

/**
 * Orders by place, then by all that a result says, and is equal for equal results only. Numbers are padded so
 * that text order is number order.
 */
function resultKey(result: Result): string {
  const physical = result.locations?.[0]?.physicalLocation;
  const number = (value: number | undefined) => String(value ?? 0).padStart(9, '0');
  const { ruleIndex: _, partialFingerprints, ...rest } = result;
  return JSON.stringify([
    physical?.artifactLocation?.uri ?? '',
    number(physical?.region?.startLine),
    number(physical?.region?.startColumn),
    result.ruleId ?? '',
    partialFingerprints?.['lockReview/v1'] ?? '',
    rest,
  ]);
}

/** The results with what depends on the whole run: the places of their rules, and the numbers of equal fingerprints. */
function renumbered(results: readonly Result[], ruleIndex: ReadonlyMap<string, number>): Result[] {
  const seen = new Map<string, number>();
  return results.map((result) => {
    const index = ruleIndex.get(result.ruleId ?? '');
    const print = result.partialFingerprints?.['lockReview/v1'] ?? '';
    const nth = (seen.get(print) ?? 0) + 1;
    seen.set(print, nth);
    return {
      ...result,
      ...(index === undefined ? {} : { ruleIndex: index }),
      partialFingerprints: fingerprints(print, nth),
    };
  });
}

/** A log of this tool, or what is wrong with it. */
function readLog(text: string): Log | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  const log = value as Partial<Log> | null;
  if (typeof log !== 'object' || log === null || log.version !== '2.1.0' || !Array.isArray(log.runs)) {
    return 'not a SARIF 2.1.0 report: expected "version": "2.1.0" and "runs"';
  }
  for (const run of log.runs) {
    if (run?.tool?.driver?.name !== 'lock-review')
      return 'a report of another tool: expected one of lock-review';
    const lists = [run.results ?? [], run.tool.driver.rules ?? [], run.invocations ?? []];
    if (!lists.every(Array.isArray))
      return 'a damaged report: "results", "rules" and "invocations" are lists';
    if (
      !(run.results ?? []).every(
        (result) => typeof result === 'object' && typeof result?.message === 'object',
      )
    ) {
      return 'a damaged report: a result without a message';
    }
  }
  return log as Log;
}
