/**
 * The review in SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), for code scanning and viewers.
 *
 * What the readers of it need, beyond the standard:
 * - GitHub refuses a run above 25,000 results, and shows 100 locations and 1,000 steps of a result; what is more
 *   is left out, the middle of a path first, and said in a notification.
 * - Several viewers show the first thread flow alone, or none: the story is told once more in the message and
 *   in the related locations.
 * - GitHub tells alerts apart by `primaryLocationLineHash`, which we know better than its hash of a line.
 */
import type {
  CodeFlow,
  Fix,
  Location,
  Log,
  MultiformatMessageString,
  Notification,
  PhysicalLocation,
  ReportingDescriptor,
  Result,
  ThreadFlowLocation,
} from 'sarif';
import type { TraceStep } from '../check/finding.ts';
import type { Note, Review, ReviewFinding } from '../review/review.ts';
import { bySeverity, configText, functionText, hasPath, heldText, plural, sortedConfig } from './counts.ts';
import { type RuleText, ruleHelpUri, ruleMarkdown } from './rule-text.ts';
import { visible, visibleJson, visibleLine } from './visible.ts';

export interface SarifOptions {
  /** Version of this tool. */
  readonly version: string;
  /** The rules, for their texts; a rule that findings name and this list lacks is given by its id alone. */
  readonly rules: readonly RuleText[];
  readonly limits?: Partial<SarifLimits>;
}

export interface SarifLimits {
  readonly results: number;
  readonly relatedLocations: number;
  readonly steps: number;
  readonly notifications: number;
}

export const GITHUB_LIMITS: SarifLimits = {
  results: 25_000,
  relatedLocations: 100,
  steps: 1_000,
  notifications: 1_000,
};

export const SARIF_SCHEMA =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** What files are relative to: the root of the kernel tree. */
const ROOT = '%SRCROOT%';

/**
 * The report as data. Findings that the patch repairs are not results: there is nothing left to show at them.
 * `properties.status` tells what the patch introduces from what was there before.
 */
export function sarifLog(review: Review, options: SarifOptions): Log {
  const limits = { ...GITHUB_LIMITS, ...options.limits };
  const standing = review.findings.filter((finding) => finding.status !== 'fixed');
  const kept = new Set(bySeverity(standing).slice(0, limits.results));
  const findings = standing.filter((finding) => kept.has(finding));
  const ids = [
    ...new Set([...options.rules.map((rule) => rule.id), ...findings.map((one) => one.rule)]),
  ].sort();
  const index = new Map(ids.map((id, at) => [id, at]));
  const seen = new Map<string, number>();
  const results = findings.map((finding) => {
    const nth = (seen.get(finding.fingerprint) ?? 0) + 1;
    seen.set(finding.fingerprint, nth);
    return resultOf(review, finding, index.get(finding.rule)!, nth, limits);
  });
  const notifications = review.notes.slice(0, limits.notifications).map(notificationOf);
  if (findings.length < standing.length) {
    const missing = plural(standing.length - findings.length, 'finding');
    notifications.unshift({
      level: 'warning',
      message: {
        text: `${missing} of the least severe are left out: a run holds ${limits.results} at most.`,
      },
    });
  }
  return {
    version: '2.1.0',
    $schema: SARIF_SCHEMA,
    runs: [
      {
        tool: {
          driver: {
            name: 'lock-review',
            fullName: `Kernel Lock Review ${options.version}`,
            version: options.version,
            informationUri: 'https://docs.kernel.org/locking/index.html',
            rules: ids.map((id) => descriptorOf(id, options.rules)),
          },
        },
        automationDetails: { id: 'lock-review/' },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [ROOT]: { description: { text: 'The root of the kernel tree.' } } },
        invocations: [
          {
            executionSuccessful: true,
            ...(notifications.length > 0 ? { toolExecutionNotifications: notifications } : {}),
          },
        ],
        results,
      },
    ],
  };
}

/** @returns the report as indented JSON, ending in a line feed. */
export function sarifReport(review: Review, options: SarifOptions): string {
  return sarifText(sarifLog(review, options));
}

export function sarifText(log: Log): string {
  return `${visibleJson(JSON.stringify(log, null, 1))}\n`;
}

function descriptorOf(id: string, rules: readonly RuleText[]): ReportingDescriptor {
  const rule = rules.find((one) => one.id === id);
  if (rule === undefined) return { id, helpUri: ruleHelpUri(id) };
  return {
    id,
    name: pascalCase(id),
    shortDescription: { text: rule.doc.what },
    fullDescription: { text: rule.doc.why },
    help: { text: `${rule.doc.why}\n\nWhat to do: ${rule.doc.advice}`, markdown: ruleMarkdown(rule) },
    helpUri: ruleHelpUri(id),
    defaultConfiguration: { level: rule.level },
    properties: { tags: ['kernel', 'locking'], precision: 'high' },
  };
}

function pascalCase(id: string): string {
  return id
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}

function resultOf(
  review: Review,
  finding: ReviewFinding,
  ruleIndex: number,
  nth: number,
  limits: SarifLimits,
): Result {
  const related = relatedLocations(review, finding, limits.relatedLocations);
  const config = Object.fromEntries(sortedConfig(finding));
  return {
    ruleId: finding.rule,
    ruleIndex,
    level: finding.level,
    message: { text: story(finding, related.steps) },
    locations: [
      {
        physicalLocation: place(
          finding.file,
          finding.line,
          finding.column,
          finding.endColumn,
          finding.sourceLine,
        ),
        ...(finding.function === ''
          ? {}
          : { logicalLocations: [{ name: finding.function, kind: 'function' }] }),
      },
    ],
    ...(related.locations.length > 0 ? { relatedLocations: related.locations } : {}),
    ...(finding.trace.length > 0 ? { codeFlows: [codeFlow(finding, limits.steps)] } : {}),
    partialFingerprints: fingerprints(finding.fingerprint, nth),
    ...(finding.fix === undefined ? {} : { fixes: [fixOf(finding.fix)] }),
    properties: {
      status: finding.status,
      ...(Object.keys(config).length > 0 ? { config } : {}),
      ...(finding.inputLine === null
        ? {}
        : { input: review.inputs[finding.input] ?? '', inputLine: finding.inputLine }),
    },
  };
}

/** @param nth which result with this fingerprint it is, from 1: results with one hash are one alert to GitHub. */
export function fingerprints(fingerprint: string, nth: number): Record<string, string> {
  return { 'lockReview/v1': fingerprint, primaryLocationLineHash: `${fingerprint}:${nth}` };
}

/** The whole finding as plain text, its steps linked to the related locations that show them. */
function story(finding: ReviewFinding, steps: ReadonlyMap<number, number>): string {
  const parts = [linkSafe(visibleLine(finding.message))];
  if (finding.why !== '') parts.push(linkSafe(visibleLine(finding.why)));
  const config = configText(finding);
  if (config !== '') parts.push(`Only with ${linkSafe(config)}.`);
  if (hasPath(finding)) {
    const lines: string[] = [];
    let skipped = 0;
    finding.trace.forEach((step, index) => {
      const id = steps.get(index);
      if (id === undefined) {
        skipped++;
        return;
      }
      if (skipped > 0) lines.push(`(${plural(skipped, 'step')} left out)`);
      skipped = 0;
      lines.push(
        `${index + 1}. [${linkSafe(shortPlace(step))}](${id}): ${linkSafe(visibleLine(step.message))}`,
      );
    });
    if (lines.length > 0) parts.push(`The path:\n${lines.join('\n')}`);
  }
  if (finding.advice !== '') parts.push(`What to do: ${linkSafe(visibleLine(finding.advice))}`);
  return parts.join('\n\n');
}

/** Brackets begin a link in a SARIF message (3.11.6) unless escaped. */
function linkSafe(text: string): string {
  return text.replace(/[\\[\]]/g, '\\$&');
}

function shortPlace(step: TraceStep): string {
  return `${visibleLine(step.file)}:${step.line}`;
}

/** The places of a finding's path and of its line in the patch, with the id that each step's link has. */
function relatedLocations(
  review: Review,
  finding: ReviewFinding,
  limit: number,
): { readonly locations: Location[]; readonly steps: ReadonlyMap<number, number> } {
  const locations: Location[] = [];
  const steps = new Map<number, number>();
  const input = review.inputs[finding.input];
  if (finding.inputLine !== null && input !== undefined && input !== '-' && input !== finding.file) {
    locations.push({
      id: 0,
      physicalLocation: {
        artifactLocation: { uri: uriOf(input) },
        region: { startLine: Math.max(1, finding.inputLine) },
      },
      message: { text: 'The line in the patch.' },
    });
  }
  for (const index of ends(finding.trace.length, limit - locations.length)) {
    const step = finding.trace[index]!;
    steps.set(index, index + 1);
    locations.push({
      id: index + 1,
      physicalLocation: place(step.file, step.line, step.column, 0, finding.traceLines[index] ?? ''),
      message: { text: visibleLine(step.message) },
    });
  }
  return { locations, steps };
}

function codeFlow(finding: ReviewFinding, limit: number): CodeFlow {
  const locations = ends(finding.trace.length, limit).map((index): ThreadFlowLocation => {
    const step = finding.trace[index]!;
    const state: Record<string, MultiformatMessageString> = {};
    const held = heldText(step);
    if (held !== null) state.held = { text: held === '' ? 'nothing' : held };
    for (const [symbol, value] of sortedConfig(finding)) state[symbol] = { text: value };
    return {
      executionOrder: index + 1,
      importance: IMPORTANCE[step.kind],
      kinds: [...KINDS[step.kind]],
      ...(Object.keys(state).length > 0 ? { state } : {}),
      location: {
        physicalLocation: place(step.file, step.line, step.column, 0, finding.traceLines[index] ?? ''),
        message: { text: visibleLine(step.message) },
      },
    };
  });
  return {
    message: { text: `A path through ${functionText(finding.function)}.` },
    threadFlows: [{ id: functionText(finding.function), locations }],
  };
}

const IMPORTANCE: Readonly<Record<TraceStep['kind'], ThreadFlowLocation.importance>> = {
  enter: 'unimportant',
  branch: 'important',
  acquire: 'important',
  release: 'important',
  call: 'important',
  assign: 'important',
  return: 'important',
  configuration: 'important',
  violation: 'essential',
  note: 'unimportant',
};

/** The well-known kinds of SARIF 3.38.8. */
const KINDS: Readonly<Record<TraceStep['kind'], readonly string[]>> = {
  enter: ['enter', 'function'],
  branch: ['branch'],
  acquire: ['acquire', 'lock'],
  release: ['release', 'lock'],
  call: ['call', 'function'],
  assign: ['value'],
  return: ['return', 'function'],
  configuration: ['configuration'],
  violation: ['danger'],
  note: ['implicit'],
};

/** All of `count` indices, or the first and the last of them where more than `limit` would not fit. */
function ends(count: number, limit: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  if (count <= limit) return all;
  const head = Math.max(0, Math.floor(limit / 2));
  const tail = Math.max(0, limit - head);
  return [...all.slice(0, head), ...all.slice(count - tail)];
}

function fixOf(fix: NonNullable<ReviewFinding['fix']>): Fix {
  const files = [...new Set(fix.edits.map((edit) => edit.file))];
  return {
    description: { text: visibleLine(fix.title) },
    artifactChanges: files.map((file) => ({
      artifactLocation: { uri: uriOf(file), uriBaseId: ROOT },
      replacements: fix.edits
        .filter((edit) => edit.file === file)
        .map((edit) => ({
          deletedRegion: { charOffset: edit.at, charLength: edit.end - edit.at },
          insertedContent: { text: edit.text },
        })),
    })),
  };
}

function notificationOf(note: Note): Notification {
  return {
    level: 'note',
    message: { text: visibleLine(note.message) },
    ...(note.file === null
      ? {}
      : {
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(note.file) },
                ...(note.line === null ? {} : { region: { startLine: Math.max(1, note.line) } }),
              },
            },
          ],
        }),
  };
}

function place(
  file: string,
  line: number,
  column: number,
  endColumn: number,
  source: string,
): PhysicalLocation {
  return {
    artifactLocation: { uri: uriOf(file), uriBaseId: ROOT },
    region: {
      startLine: Math.max(1, line),
      startColumn: Math.max(1, column),
      ...(endColumn > column ? { endColumn } : {}),
      ...(source === '' ? {} : { snippet: { text: visible(source) } }),
    },
  };
}

/** A path as a URI reference (RFC 3986). A path is a label from a patch: whatever it holds, it stays one path. */
export function uriOf(path: string): string {
  // A lone surrogate has no UTF-8 form and encodeURIComponent would throw at it.
  const whole = path.replace(/\p{Surrogate}/gu, '\ufffd');
  const uri = whole.split('/').map(encodeURIComponent).join('/');
  // `//host` would name another machine, and `a:b` a scheme; encodeURIComponent has seen to the colon.
  return uri.startsWith('//') ? `/.${uri}` : uri;
}
