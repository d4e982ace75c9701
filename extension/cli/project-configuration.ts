/**
 * `.lock-review.json` at the root of a tree: rule levels, contracts, fixed symbols, suppressions, baseline.
 * Text in, data out: the language server reads the same file through its own documents.
 */
import type { Tristate } from '../../engine/c/condition.ts';
import type { Level } from '../../engine/check/finding.ts';
import { CONTRACTS, type Contract, lintContracts } from '../../engine/protocol/index.ts';
import { type JsonNode, jsonValue, positionOf, readJson } from './json-reader.ts';
import schema from './lock-review.schema.json' with { type: 'json' };
import { checkSchema, type Schema } from './schema-check.ts';

export const CONFIGURATION_FILE = '.lock-review.json';

export interface Suppression {
  readonly rule?: string;
  /** A file, or a folder that ends in a slash. */
  readonly file?: string;
  readonly function?: string;
  readonly fingerprint?: string;
  readonly reason: string;
  /** 1-based line in the configuration file. */
  readonly line: number;
}

export interface ProjectConfiguration {
  readonly rules: ReadonlyMap<string, Level | 'off'>;
  readonly config: ReadonlyMap<string, Tristate>;
  readonly contracts: readonly Contract[];
  readonly suppressions: readonly Suppression[];
  /** Path of a JSON report, relative to the root of the tree, or null. */
  readonly baseline: string | null;
}

export const NO_CONFIGURATION: ProjectConfiguration = {
  rules: new Map(),
  config: new Map(),
  contracts: [],
  suppressions: [],
  baseline: null,
};

export interface ConfigurationProblem {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  /** What was expected there. */
  readonly message: string;
}

/**
 * Reads the file's text. Where there are problems, the value is `NO_CONFIGURATION`: half of a configuration
 * would report what the project has decided against.
 * @param ruleIds the rules there are; another id is a problem.
 */
export function readConfiguration(
  text: string,
  ruleIds: readonly string[],
): { readonly value: ProjectConfiguration; readonly problems: readonly ConfigurationProblem[] } {
  const { root, problem } = readJson(text);
  const problems = problem !== null ? [problem] : checkSchema(root, schema as unknown as Schema);
  const meaning =
    root === null || problems.length > 0
      ? []
      : [...unknownRules(root, ruleIds), ...contractMistakes(root, text)];
  const all = [...problems, ...meaning];
  if (root === null || all.length > 0) {
    return {
      value: NO_CONFIGURATION,
      problems: all.map(({ at, message }) => ({ ...positionOf(text, at), message })),
    };
  }
  return { value: configurationOf(root, text), problems: [] };
}

function member(node: JsonNode, name: string): JsonNode | null {
  if (node.type !== 'object') return null;
  return node.members.find((one) => one.name === name)?.value ?? null;
}

function unknownRules(root: JsonNode, ruleIds: readonly string[]): { at: number; message: string }[] {
  const named: { at: number; id: string }[] = [];
  const rules = member(root, 'rules');
  if (rules?.type === 'object') for (const one of rules.members) named.push({ at: one.at, id: one.name });
  const suppressions = member(root, 'suppressions');
  if (suppressions?.type === 'array') {
    for (const item of suppressions.items) {
      const rule = member(item, 'rule');
      if (rule?.type === 'string') named.push({ at: rule.at, id: rule.value });
    }
  }
  return named
    .filter(({ id }) => !ruleIds.includes(id))
    .map(({ at, id }) => ({
      at,
      message: `there is no rule "${id}": expected one of ${ruleIds.join(', ')}`,
    }));
}

/**
 * What the lint of the built-in table says of the project's rows. Rows of the same name are theirs to replace,
 * and so left out; the rest stay in view, because a releaser may be a built-in one.
 */
function contractMistakes(root: JsonNode, text: string): { at: number; message: string }[] {
  const list = member(root, 'contracts');
  if (list?.type !== 'array') return [];
  const { contracts } = configurationOf(root, text);
  const names = contracts.map((contract) => contract.name);
  const others = CONTRACTS.filter((row) => !names.includes(row.name));
  return lintContracts([...contracts, ...others]).flatMap((message) => {
    const index = names.findIndex((name) => message.startsWith(`${name}: `));
    return index < 0 ? [] : [{ at: list.items[index]!.at, message: `"contracts"[${index}]: ${message}` }];
  });
}

/** The schema has been checked: what is there has its type. */
function configurationOf(root: JsonNode, text: string): ProjectConfiguration {
  const value = jsonValue(root) as {
    readonly rules?: Record<string, Level | 'off'>;
    readonly config?: Record<string, Tristate>;
    readonly contracts?: readonly (Omit<Contract, 'source'> & { readonly source?: string })[];
    readonly suppressions?: readonly Omit<Suppression, 'line'>[];
    readonly baseline?: string;
  };
  const suppressions = member(root, 'suppressions');
  const lines =
    suppressions?.type === 'array' ? suppressions.items.map((item) => positionOf(text, item.at).line) : [];
  return {
    rules: new Map(Object.entries(value.rules ?? {})),
    config: new Map(Object.entries(value.config ?? {})),
    contracts: (value.contracts ?? []).map((contract) => ({ source: CONFIGURATION_FILE, ...contract })),
    suppressions: (value.suppressions ?? []).map((one, index) => ({ ...one, line: lines[index]! })),
    baseline: value.baseline ?? null,
  };
}
