/** A lock taken under one configuration and released under another. */
import { type Configuration, formatCondition, symbolsOf, type Tristate } from '../../c/index.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import type { Finding, TraceStep } from '../finding.ts';
import { atFirstRelease } from '../first-release.ts';
import { shapeOf } from '../lock-operations.ts';
import { nameLock } from '../names.ts';
import { type OneSided, oneSidedLocks } from '../one-sided.ts';
import type { Definition, Program } from '../program.ts';
import type { Rule } from '../rule.ts';

export const configImbalance: Rule = {
  id: 'config-imbalance',
  level: 'error',
  doc: {
    what: 'A lock is taken under one configuration and released under another, or an acquire and its release are keyed on different symbols.',
    why: 'Each half compiles and looks right by itself. In the kernel that is built, the lock is leaked, or one that nobody holds is released.',
    advice: 'Key both sides on the same symbol, or remove the test from both when the symbol goes.',
    bad: `#ifdef CONFIG_FAST_PATH
	fast_lock(f);
#endif
	work(f);
	fast_unlock(f);`,
    good: `#ifdef CONFIG_FAST_PATH
	fast_lock(f);
#endif
	work(f);
#ifdef CONFIG_FAST_PATH
	fast_unlock(f);
#endif`,
  },
};

const IMBALANCES = new Set([
  'lock-leak',
  'unlock-not-held',
  'inconsistent-return',
  'wrong-mode',
  'double-lock',
]);

/** Checks a function under another configuration. */
export type Recheck = (definition: Definition, configuration: Configuration) => ConfigurationCheck;

/**
 * Turns imbalances that a symbol makes into findings of this rule: those that go away when a symbol which
 * decides over one of the lock operations on the path has its other value. For a symbol that the series removes,
 * that other value is what the code was written for.
 */
export function configImbalances(
  program: Program,
  definition: Definition,
  checks: readonly ConfigurationCheck[],
  findings: readonly Finding[],
  recheck: Recheck,
): readonly Finding[] {
  const halves = oneSidedLocks(program, definition, checks);
  const kept: Finding[] = [];
  const turned: { readonly finding: Finding; readonly symbol: string; readonly anchored: boolean }[] = [];
  for (const finding of findings) {
    const cause = IMBALANCES.has(finding.rule)
      ? causeOf(program, definition, checks, finding, recheck)
      : null;
    if (cause === null) {
      if (!followsFromHalf(program, definition, halves, finding, recheck)) kept.push(finding);
    } else {
      const first = atFirstRelease(definition, checks, finding);
      turned.push({ ...cause, finding: toImbalance(program, first, cause) });
    }
  }
  // One finding a symbol: the one that lies in the conditional text itself, where there is one.
  const best = new Map<string, (typeof turned)[number]>();
  for (const one of turned) {
    const known = best.get(one.symbol);
    if (!known || (one.anchored && !known.anchored)) best.set(one.symbol, one);
  }
  for (const one of halves) {
    if (!best.has(one.symbol))
      best.set(one.symbol, { finding: halfFinding(definition, one), symbol: one.symbol, anchored: true });
  }
  return [...kept, ...[...best.values()].map((one) => one.finding)];
}

/** True for an imbalance that is there because the function, or one that it calls, does only half under a symbol. */
function followsFromHalf(
  program: Program,
  definition: Definition,
  own: readonly OneSided[],
  finding: Finding,
  recheck: Recheck,
): boolean {
  const symbols = Object.keys(finding.config);
  if (!IMBALANCES.has(finding.rule) || symbols.length === 0) return false;
  const isHalf = (half: OneSided) =>
    symbols.includes(half.symbol) && shapeOf(half.check.walk.table, half.lock) === finding.lock;
  if (own.some(isHalf)) return true;
  const callees = new Set<Definition['fn']>();
  for (const step of finding.trace) {
    const unit = program.unit(step.file);
    const offset = unit ? unit.lineStart(step.line) + step.column - 1 : -1;
    const fn = unit?.functions.find((one) => one.at <= offset && offset < one.end);
    if (!unit || !fn || fn === definition.fn || callees.has(fn)) continue;
    callees.add(fn);
    const callee = { unit, fn };
    const both = symbols.flatMap((symbol) =>
      (['n', 'y'] as const).map((value) => {
        const values = new Map([...program.fixed.values, [symbol, value] as const]);
        return recheck(callee, { values, fallback: 'y' });
      }),
    );
    if (oneSidedLocks(program, callee, both).some(isHalf)) return true;
  }
  return false;
}

function halfFinding(definition: Definition, half: OneSided): Finding {
  const { unit, fn } = definition;
  const { walk } = half.check;
  const name = nameLock(walk.table, walk.ir, half.exit.state, half.lock, half.kind);
  const value = half.check.configuration.values.get(half.symbol) ?? half.check.configuration.fallback;
  const state = value === 'n' ? 'not set' : `set to ${value}`;
  const other = half.half === 'taken' ? 'released' : 'taken';
  const at = unit.position(half.at);
  const { unit: where } = half.missing;
  const missing = where.position(half.missing.at);
  const condition = formatCondition(where.conditionAt(half.missing.at));
  const place = { file: unit.path, line: at.line, column: at.column };
  return {
    rule: configImbalance.id,
    level: configImbalance.level,
    message: `with ${half.symbol} ${state}, ${name} is ${half.half} here but not ${other}`,
    why: `It is ${other} in line ${missing.line}, which is compiled only under ${condition}.`,
    advice: `Key both sides on ${half.symbol}, or neither.`,
    ...place,
    endColumn: at.column + 1,
    function: fn.name,
    config: { [half.symbol]: value },
    trace: [
      {
        file: where.path,
        line: missing.line,
        column: missing.column,
        message: `${other} here, only under ${condition}`,
        kind: 'configuration',
        held: null,
      },
      { ...place, message: `${half.half} here, with ${half.symbol} ${state}`, kind: 'violation', held: null },
    ],
    lock: shapeOf(walk.table, half.lock) ?? name,
    shape: `${half.symbol} ${half.half} only`,
  };
}

interface Cause {
  readonly symbol: string;
  readonly value: Tristate;
  /** The step of the path that the symbol decides over. */
  readonly step: TraceStep;
  readonly condition: string;
  readonly anchored: boolean;
  readonly removed: boolean;
}

function causeOf(
  program: Program,
  definition: Definition,
  checks: readonly ConfigurationCheck[],
  finding: Finding,
  recheck: Recheck,
): Cause | null {
  for (const symbol of candidates(program, definition, finding)) {
    const removed = program.removed.has(symbol);
    const value = removed ? 'n' : finding.config[symbol]!;
    const keyed = keyedStep(program, finding, symbol);
    if (!keyed) continue;
    if (removed && !vanishes(definition, checks, finding, symbol, recheck)) continue;
    return { symbol, value, ...keyed, removed };
  }
  return null;
}

/** Symbols that may be to blame: removed ones that matter here, then those that the finding needs. */
function candidates(program: Program, definition: Definition, finding: Finding): readonly string[] {
  const relevant = program.symbolsOf(definition);
  return [...relevant.filter((symbol) => program.removed.has(symbol)), ...Object.keys(finding.config)];
}

/** A lock operation of the path, or the finding's own place, whose text is compiled only as the symbol says. */
function keyedStep(
  program: Program,
  finding: Finding,
  symbol: string,
): { readonly step: TraceStep; readonly condition: string; readonly anchored: boolean } | null {
  const last = finding.trace[finding.trace.length - 1]!;
  const steps = [
    last,
    ...finding.trace.filter((step) => step.kind === 'acquire' || step.kind === 'release').reverse(),
  ];
  for (const step of steps) {
    const unit = program.unit(step.file);
    if (!unit) continue;
    const offset = unit.lineStart(step.line) + step.column - 1;
    if (!symbolsOf(unit.conditionAt(offset)).includes(symbol)) continue;
    const inFunction = unit.functions.find((fn) => fn.at <= offset && offset < fn.end);
    // A whole definition that is compiled or not is a choice of callee, not a half of one.
    if (inFunction && symbolsOf(inFunction.presence).includes(symbol)) continue;
    return { step, condition: formatCondition(unit.conditionAt(offset)), anchored: step === last };
  }
  return null;
}

/** True where the finding is not there when the symbol is set as the code expects. */
function vanishes(
  definition: Definition,
  checks: readonly ConfigurationCheck[],
  finding: Finding,
  symbol: string,
  recheck: Recheck,
): boolean {
  const [check] = checks;
  if (!check) return false;
  const values = new Map(check.configuration.values);
  values.set(symbol, 'y');
  const other: Configuration = { ...check.configuration, values };
  return !recheck(definition, other).raw.some(
    (raw) => raw.finding.rule === finding.rule && raw.finding.lock === finding.lock,
  );
}

function toImbalance(program: Program, finding: Finding, cause: Cause): Finding {
  const { step, symbol } = cause;
  const unit = program.unit(step.file)!;
  const offset = unit.lineStart(step.line) + step.column - 1;
  const fn = unit.functions.find((one) => one.at <= offset && offset < one.end);
  const state = cause.value === 'n' ? 'not set' : `set to ${cause.value}`;
  const what = finding.message.charAt(0).toLowerCase() + finding.message.slice(1);
  return {
    ...finding,
    rule: configImbalance.id,
    level: configImbalance.level,
    message: cause.removed
      ? `with ${symbol} gone, ${finding.message}`
      : `with ${symbol} ${state}, ${finding.message}`,
    why: `The text here is compiled under ${cause.condition}, but the other side of the lock is not: ${what}.`,
    advice: cause.removed
      ? `Remove the test of ${symbol} here as well, and keep the half that fits the code that takes the lock.`
      : `Key both sides on ${symbol}, or neither.`,
    file: step.file,
    line: step.line,
    column: step.column,
    endColumn: step.column + 1,
    function: fn?.name ?? finding.function,
    config: cause.removed ? { ...finding.config, [symbol]: 'n' } : finding.config,
    trace: [
      {
        file: step.file,
        line: step.line,
        column: step.column,
        message: cause.removed
          ? `${symbol} is removed by the series, so this text is compiled as if it were not set`
          : `this text is compiled under ${cause.condition}`,
        kind: 'configuration',
        held: null,
      },
      ...finding.trace,
    ],
    shape: `${symbol} ${finding.rule} ${finding.shape}`,
  };
}
