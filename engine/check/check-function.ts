/** One function, every configuration that matters, every rule: its findings. */
import { type Configuration, configurationSpace, evaluate, type Tristate } from '../c/index.ts';
import { anchoredTables, pairedFunctions } from './callback-tables.ts';
import type { ConfigurationCheck, RawFinding } from './configuration-check.ts';
import type { CalleeSite } from './events.ts';
import type { Finding, Level } from './finding.ts';
import { shapeOf } from './lock-operations.ts';
import { MAX_SYMBOLS } from './lock-symbols.ts';
import type { Definition, Program } from './program.ts';
import type { NetEffect, Report, Rule, RuleContext } from './rule.ts';
import { callbackImbalance } from './rules/callback-imbalance.ts';
import { configImbalances } from './rules/config-imbalance.ts';
import { rules } from './rules/index.ts';
import { lockLeak } from './rules/lock-leak.ts';
import { uncheckedAcquire } from './rules/unchecked-acquire.ts';
import { hasIdleLabel } from './rules/unused-label.ts';
import type { TermTable } from './terms.ts';
import { renderTrace } from './trace.ts';
import type { FunctionWalk } from './walk.ts';

/** Configurations tried for one function. */
const MAX_CONFIGURATIONS = 8;

export interface FunctionCheck {
  readonly findings: readonly Finding[];
  /** What is only wrong if a patch brings it about, and nobody makes up for it. */
  readonly suspicions: readonly Suspicion[];
  readonly paths: number;
  readonly configurations: number;
  /** False where some walk ran out of budget. */
  readonly complete: boolean;
  /** Functions called that nothing is known of. */
  readonly unknown: readonly string[];
}

/** A lock that the function leaves otherwise than it found it, which may be meant. */
export interface Suspicion extends NetEffect {
  readonly finding: Finding;
  readonly definition: Definition;
  /** A configuration in which it is so. */
  readonly configuration: Configuration;
}

const NOTHING: FunctionCheck = {
  findings: [],
  suspicions: [],
  paths: 0,
  configurations: 0,
  complete: true,
  unknown: [],
};

/** @param compares the code is held against what it was before a patch: suspicions are asked for too. */
export function checkFunction(program: Program, definition: Definition, compares = false): FunctionCheck {
  const { fn, unit } = definition;
  const relevant = program.isRelevant(definition) || program.keepsReferences(definition);
  if (!relevant && !hasIdleLabel(unit.text.slice(fn.bodyAt, fn.end))) return NOTHING;
  const symbols = symbolsTried(program, definition);
  const base: Configuration = { values: program.fixed.values, fallback: 'y' };
  const { configurations } = configurationSpace(symbols, base, MAX_CONFIGURATIONS);
  const checks: ConfigurationCheck[] = [];
  const seen = new Set<string>();
  for (const configuration of configurations) {
    if (!evaluate(fn.presence, configuration)) continue;
    checks.push(checkUnder(program, definition, configuration, compares));
  }
  const found = new Map<string, { raw: RawFinding; in: ConfigurationCheck[] }>();
  for (const check of checks) {
    for (const raw of check.raw) {
      const known = found.get(raw.key);
      if (known) known.in.push(check);
      else found.set(raw.key, { raw, in: [check] });
    }
  }
  const findings: Finding[] = [];
  const suspicions: Suspicion[] = [];
  const doubtful = new Set<Finding>();
  for (const { raw, in: under } of found.values()) {
    const finding = { ...raw.finding, config: decidingSymbols(symbols, under, checks) };
    const { onlyIfNew } = raw.report;
    if (onlyIfNew) {
      if (!raw.report.doubtful)
        suspicions.push({ finding, definition, configuration: under[0]!.configuration, ...onlyIfNew });
      continue;
    }
    findings.push(finding);
    if (raw.report.doubtful) doubtful.add(finding);
  }
  for (const check of checks) for (const name of check.walk.unknown) seen.add(name);
  return {
    findings: configImbalances(program, definition, checks, findings, (other, configuration) =>
      checkUnder(program, other, configuration),
    ).filter((finding) => !doubtful.has(finding)),
    suspicions,
    paths: checks.reduce((sum, check) => sum + check.walk.paths, 0),
    configurations: checks.length,
    complete: checks.every((check) => check.walk.complete),
    unknown: [...seen].sort(),
  };
}

/** The symbols that can change what the function does with locks, or what the callbacks do that it is judged with. */
function symbolsTried(program: Program, definition: Definition): readonly string[] {
  const symbols = new Set(program.symbolsOf(definition));
  for (const table of anchoredTables(program, definition)) {
    for (const name of pairedFunctions(table)) {
      for (const other of program.definitionsIn(name, definition.unit))
        for (const symbol of program.symbolsOf(other)) if (symbols.size < MAX_SYMBOLS) symbols.add(symbol);
    }
  }
  return [...symbols];
}

/** The findings under one configuration. */
export function checkUnder(
  program: Program,
  definition: Definition,
  configuration: Configuration,
  compares = false,
): ConfigurationCheck {
  const raw = new Map<string, RawFinding>();
  // Events are judged when the walk is over: rules may then ask for all of it.
  const walk = program.walk(definition, configuration);
  for (const rule of rules) {
    const context: RuleContext = {
      program,
      definition,
      configuration,
      walk,
      compares,
      report: (report) => {
        const one = toFinding(walk.table, walk, definition, rule, report);
        const known = raw.get(one.key);
        if (!known || length(one) < length(known)) raw.set(one.key, one);
      },
    };
    if (rule.event) for (const event of walk.events) rule.event(context, event);
    rule.function?.(context);
  }
  return { configuration, walk, raw: withoutConsequences([...raw.values()]) };
}

/**
 * Where a result that says whether the lock was taken is dropped, all else that is wrong with the lock follows; and
 * a callback that keeps a lock which its counterpart does not give back is one fault.
 */
function withoutConsequences(all: readonly RawFinding[]): RawFinding[] {
  const dropped = all.filter(({ rule }) => rule.id === uncheckedAcquire.id);
  const unpaired = all.filter(({ rule }) => rule.id === callbackImbalance.id);
  return all.filter(
    (one) =>
      one.rule.id === uncheckedAcquire.id ||
      (!dropped.some(({ finding }) => finding.lock === one.finding.lock) &&
        !(
          one.rule.id === lockLeak.id &&
          unpaired.some(
            ({ finding }) => finding.lock === one.finding.lock && finding.function === one.finding.function,
          )
        )),
  );
}

function length(raw: RawFinding): number {
  return raw.report.steps ?? raw.report.state.trace?.length ?? 0;
}

function toFinding(
  table: TermTable,
  walk: FunctionWalk,
  { unit, fn }: Definition,
  rule: Rule,
  report: Report,
): RawFinding {
  const start = unit.position(report.at);
  const end = unit.position(report.end);
  const endColumn = end.line === start.line ? end.column : start.column + 1;
  const inside: CalleeSite | null = report.inside ?? null;
  const lock = report.lock < 0 ? report.lockName : (shapeOf(table, report.lock) ?? report.lockName);
  return {
    rule,
    report,
    finding: {
      rule: rule.id,
      level: report.level ?? rule.level,
      message: report.message,
      why: report.why,
      advice: report.advice,
      file: inside?.file ?? unit.path,
      line: inside?.line ?? start.line,
      column: inside?.column ?? start.column,
      endColumn: inside ? inside.column + 1 : endColumn,
      function: inside?.function ?? fn.name,
      trace: report.trace ?? renderTrace(table, walk.ir, unit, report),
      lock,
      shape: report.shape,
      ...(report.twin ? { twin: report.twin } : {}),
      ...(report.fix ? { fix: report.fix } : {}),
    },
    key: `${rule.id} ${inside?.file ?? ''}${inside?.line ?? report.at} ${lock} ${report.shape}${report.onlyIfNew ? ` if new ${report.onlyIfNew.results}` : ''}`,
  };
}

/** The symbols without which the finding would not be: those that have one value wherever it is found, and not elsewhere. */
function decidingSymbols(
  symbols: readonly string[],
  under: readonly ConfigurationCheck[],
  all: readonly ConfigurationCheck[],
): Readonly<Record<string, Tristate>> {
  const deciding: Record<string, Tristate> = {};
  if (under.length === all.length) return deciding;
  const value = (check: ConfigurationCheck, symbol: string) =>
    check.configuration.values.get(symbol) ?? check.configuration.fallback;
  for (const symbol of [...symbols].sort()) {
    const here = new Set(under.map((check) => value(check, symbol)));
    if (here.size !== 1) continue;
    const [only] = here;
    if (all.some((check) => !under.includes(check) && value(check, symbol) !== only))
      deciding[symbol] = only!;
  }
  return deciding;
}

/** The level of a finding once the user's settings are applied, or null where the rule is off. */
export function levelOf(finding: Finding, levels: ReadonlyMap<string, Level | 'off'>): Level | null {
  const level = levels.get(finding.rule) ?? finding.level;
  return level === 'off' ? null : level;
}
