/**
 * What the panel and the editor say to each other. Both sides validate what arrives by these schemas; what does not
 * fit is dropped. A panel that was left over from another version is told by `VERSION`.
 */
import * as v from 'valibot';

export const VERSION = 1;

const text = (most = 4000) => v.pipe(v.string(), v.maxLength(most));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000_000));
const task = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(31));
const taskOrNone = v.pipe(v.number(), v.integer(), v.minValue(-1), v.maxValue(31));
const side = v.picklist([0, 1]);
const list = <S extends v.GenericSchema>(schema: S, most = 10_000) =>
  v.pipe(v.array(schema), v.maxLength(most));
const names = list(text(200), 100);

export type ReadonlyDeep<T> = T extends readonly (infer E)[]
  ? readonly ReadonlyDeep<E>[]
  : T extends object
    ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> }
    : T;
type Of<S extends v.GenericSchema> = ReadonlyDeep<v.InferOutput<S>>;

// --- What was chosen, and what is kept ---------------------------------------------------------------------------

const own = v.strictObject({
  tasks: names,
  vmas: list(v.strictObject({ name: text(100), start: count, end: count }), 20),
});

/** What is simulated: with the inputs and a schedule, all that a simulation's state follows from. */
export const choiceSchema = v.strictObject({
  /** Functions that are to play the scenario's roles, the first one first. */
  functions: names,
  /** Empty: the first one that the functions fit. */
  scenario: text(100),
  /** The code with the last patch, or without it. */
  image: v.picklist(['after', 'before']),
  /** Null: the scenario's own. */
  depth: v.nullable(v.picklist(['contract', 'full'])),
  configuration: v.record(v.pipe(v.string(), v.regex(/^CONFIG_\w{1,100}$/)), v.picklist(['y', 'm', 'n'])),
  /** Changes to the scenario's tasks and addresses; null leaves them as they are. */
  own: v.nullable(own),
});
export type Choice = Of<typeof choiceSchema>;

const path = text(4096);
const inputsSchema = v.strictObject({
  patches: list(v.strictObject({ name: path, text: text(50_000_000) }), 1000),
  sources: list(v.strictObject({ path, text: v.optional(text(50_000_000)) }), 1000),
});

const second = v.nullable(v.strictObject({ choice: choiceSchema, schedule: text(20_000_000) }));

/** What becomes another as one goes on; the rest of a session stays as it was opened. */
const goingOn = {
  choice: choiceSchema,
  schedule: text(20_000_000),
  /** Moves that had been made, of those in the schedule. */
  position: count,
  /** What it is compared with. */
  second,
};

/** A simulation in a file: opens again in the panel and on the command line. */
export const sessionSchema = v.strictObject({
  lockReviewSession: v.literal(VERSION),
  inputs: inputsSchema,
  /** Folder of the kernel tree, where there was one; elsewhere another is named. */
  tree: v.nullable(path),
  /** The document that the inputs come from. */
  document: v.nullable(path),
  ...goingOn,
});
export type SessionFile = Of<typeof sessionSchema>;

// --- The parts of a simulation -----------------------------------------------------------------------------------

const placeSchema = v.strictObject({ file: path, line: count, function: text(), text: text() });
export type Place = Of<typeof placeSchema>;

const locks = list(
  v.strictObject({
    name: text(),
    kind: text(100),
    writer: v.nullable(task),
    readers: list(task, 32),
    queue: list(v.strictObject({ task, mode: v.picklist(['R', 'W']) }), 32),
  }),
  1000,
);
const tasks = list(
  v.strictObject({
    state: v.picklist(['ready', 'waiting', 'ended']),
    rcu: v.number(),
    atomic: v.number(),
    signalled: v.boolean(),
    /** The lock or flag that it waits for, by name. */
    waitsFor: v.nullable(text()),
  }),
  32,
);
const vmas = list(
  v.strictObject({
    name: text(),
    mm: text(),
    start: v.number(),
    end: v.number(),
    refcnt: v.number(),
    lockSeq: v.number(),
    isInTree: v.boolean(),
    isDetached: v.boolean(),
    isFreed: v.boolean(),
    isWriteLocked: v.boolean(),
    readers: list(task, 32),
  }),
  100,
);
const stateParts = {
  locks,
  tasks,
  sequences: list(v.strictObject({ mm: text(), value: v.number() }), 100),
  vmas,
  tree: list(v.strictObject({ mm: text(), start: v.number(), end: v.number(), vma: text() }), 1000),
};
const stateSchema = v.strictObject(stateParts);
/** Locks, tasks and VMAs at one moment. */
export type State = Of<typeof stateSchema>;

const moveSchema = v.strictObject({
  task,
  place: placeSchema,
  /** Where the task goes on. */
  next: placeSchema,
  /** The functions it is then in, the innermost first. */
  calls: list(text(), 200),
  reads: list(v.strictObject({ what: text(), value: text() })),
  changes: list(v.strictObject({ what: text(), to: text() })),
  notes: list(text()),
  /** A range that a reader reports. */
  report: v.nullable(v.strictObject({ start: v.number(), end: v.number() })),
  isLockOperation: v.boolean(),
  isShared: v.boolean(),
  choices: list(v.strictObject({ taken: count, of: count }), 100),
  /** What is another state than before; all else is the same. */
  after: v.partial(stateSchema),
});
export type MoveData = Of<typeof moveSchema>;

const violationSchema = v.strictObject({
  kind: text(100),
  message: text(),
  /** -1 where all of them wait. */
  task: taskOrNone,
  cycle: list(text(), 100),
  place: placeSchema,
});
export type ViolationData = Of<typeof violationSchema>;

const setupSchema = v.strictObject({
  choice: choiceSchema,
  /** Depth that was used. */
  depth: v.picklist(['contract', 'full']),
  title: text(),
  property: text(),
  release: text(),
  roles: list(v.strictObject({ role: text(), function: text(), file: path }), 100),
  tasks: list(text(), 32),
  /** Tasks that have nothing to do: the role that they would call is played by nobody. */
  idle: list(task, 32),
  /** Tasks that the scenario has, whether they take part or not. */
  allTasks: list(text(), 32),
  /** Symbols that decide in the code that is run, with the value that was used. */
  symbols: list(v.strictObject({ name: text(200), value: v.picklist(['y', 'm', 'n']) }), 500),
  before: stateSchema,
  starts: list(placeSchema, 32),
});
/** One simulation as it begins. */
export type Setup = Of<typeof setupSchema>;

const sourceSchema = v.strictObject({
  file: path,
  function: text(),
  /** In order; a line that the patch removes has no `after`, one that it adds no `before`. */
  lines: list(
    v.strictObject({
      before: v.nullable(count),
      after: v.nullable(count),
      text: text(100_000),
      /** Line of the patch that shows it. */
      input: v.nullable(count),
    }),
    20_000,
  ),
});
export type SourceData = Of<typeof sourceSchema>;

const verdictSchema = v.strictObject({
  verdict: v.picklist(['holds', 'violated', 'not-finished', 'not-runnable']),
  /** One sentence. */
  text: text(),
  schedule: v.nullable(text(20_000_000)),
  violation: v.nullable(violationSchema),
  states: v.number(),
  transitions: v.number(),
  milliseconds: v.number(),
});
export type VerdictData = Of<typeof verdictSchema>;

const catalogueSchema = v.strictObject({
  input: text(),
  tree: v.nullable(path),
  /** Those of the files in question: what the patch changes, or decides over, comes first. */
  functions: list(v.strictObject({ name: text(200), file: path, isChanged: v.boolean() }), 20_000),
  scenarios: list(v.strictObject({ name: text(100), title: text() }), 100),
  hasPatch: v.boolean(),
});
/** What there is to choose from. */
export type Catalogue = Of<typeof catalogueSchema>;

const findingSchema = v.strictObject({
  rule: text(100),
  message: text(),
  steps: list(v.strictObject({ file: path, line: count, message: text(), text: text() }), 1000),
});
/** The path of a finding that the panel was opened for. */
export type FindingPath = Of<typeof findingSchema>;

// --- Messages ----------------------------------------------------------------------------------------------------

const message = <T extends string, E extends v.ObjectEntries>(type: T, entries: E) =>
  v.strictObject({ version: v.literal(VERSION), type: v.literal(type), ...entries });

/** Editor → panel. */
export const hostMessageSchema = v.variant('type', [
  message('catalogue', { catalogue: catalogueSchema, finding: v.nullable(findingSchema) }),
  /** A simulation begins; side 1 is what side 0 is compared with, and null ends the comparison. */
  message('setup', { side, setup: v.nullable(setupSchema) }),
  /** Moves from index `from` on, in place of those that were there, of `total` in all. */
  message('moves', { side, from: count, moves: list(moveSchema), total: count }),
  /** After the moves: what they end with, and why a schedule could not be followed. */
  message('end', {
    side,
    schedule: text(20_000_000),
    violation: v.nullable(violationSchema),
    problem: v.nullable(text()),
    assumed: list(text(), 1000),
  }),
  message('position', { position: count }),
  /** What the engine is doing; null: nothing. */
  message('busy', { what: v.nullable(text()) }),
  message('exploring', { what: v.nullable(text()), milliseconds: v.number() }),
  message('verdict', { verdict: verdictSchema }),
  message('source', { side, source: sourceSchema }),
  /** What the contracts of functions say that are called by name, and what kinds of lock are. */
  message('contracts', { contracts: v.record(text(200), text(10_000)) }),
  message('problem', { message: text(20_000) }),
  message('debugging', { isOn: v.boolean() }),
  /** To be kept by the panel, so that it can be opened again. */
  message('keep', { session: sessionSchema }),
  /** What of that has changed: the inputs may be long, and are told once. */
  message('keepOn', goingOn),
]);
export type HostMessage = Of<typeof hostMessageSchema>;

/** Panel → editor. */
export const panelMessageSchema = v.variant('type', [
  message('ready', {}),
  message('choose', { choice: choiceSchema }),
  message('seek', { position: count }),
  /** Makes a move, in place of those ahead of the position. */
  message('move', { position: count, task, choices: list(count, 100) }),
  message('runToLock', { position: count, task }),
  message('runToLine', { position: count, task, file: path, line: count }),
  message('load', { schedule: text(20_000_000) }),
  message('explore', {}),
  message('cancel', {}),
  message('compare', { with: v.nullable(v.picklist(['image', 'schedule'])), schedule: text(20_000_000) }),
  message('open', { side, file: path, line: count }),
  message('source', { side, file: path, function: text() }),
  message('copy', { text: text(50_000_000) }),
  message('saveDiagram', { svg: text(50_000_000) }),
  message('saveSession', {}),
  message('debug', {}),
]);
export type PanelMessage = Of<typeof panelMessageSchema>;

/** A message without its version, for each of a union. */
export type Unversioned<M> = M extends unknown ? Omit<M, 'version'> : never;

/** The message, or null where it is none of this version. */
export function readPanelMessage(data: unknown): PanelMessage | null {
  const result = v.safeParse(panelMessageSchema, data);
  return result.success ? result.output : null;
}

export function readHostMessage(data: unknown): HostMessage | null {
  const result = v.safeParse(hostMessageSchema, data);
  return result.success ? (result.output as HostMessage) : null;
}

/** A session file's content, or what is wrong with it in a sentence. */
export function readSession(
  data: unknown,
):
  | { readonly session: SessionFile; readonly problem: null }
  | { readonly session: null; readonly problem: string } {
  const result = v.safeParse(sessionSchema, data);
  if (result.success) return { session: result.output as SessionFile, problem: null };
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? 'the file';
  return { session: null, problem: `${where}: ${issue.message}` };
}
