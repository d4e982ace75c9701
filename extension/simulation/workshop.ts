/** Answers the requests of `requests.ts`: opens programs, drives their sessions, explores them. */
import { type CParser, parseUnit, type SourceUnit } from '../../engine/c/index.ts';
import {
  followPath,
  formatSchedule,
  type LoadOptions,
  loadProgram,
  type Move,
  openSession,
  type Program,
  parseSchedule,
  SCENARIOS,
  type Scenario,
  type Session,
  scenarioNamed,
  simulate,
} from '../../engine/simulate/index.ts';
import {
  type PatchedTree,
  patchedTree,
  type Run,
  type SourceTree,
  symbolUsers,
} from '../../engine/source/index.ts';
import type { Catalogue, Choice, VerdictData } from '../../media/panel/messages.ts';
import { contractsIn } from './contracts.ts';
import { moveData, setupOf } from './moves.ts';
import { withOwn } from './own-scenario.ts';
import type { MovesAnswer, RequestName, Requests, Subject } from './requests.ts';
import { lineFromInput, lineFromTree, placeOfLine, sourceOf } from './source.ts';

interface Opened {
  readonly applied: PatchedTree;
  readonly image: Choice['image'];
  readonly program: Program;
  readonly session: Session;
  /** Functions whose contracts have been told. */
  readonly told: Set<string>;
}

export interface Workshop {
  answer<N extends RequestName>(name: N, request: Requests[N]['in'], run: Run): Promise<Requests[N]['out']>;
}

/** @param openTree opens the tree at an absolute path. */
export function createWorkshop(
  loadParser: () => Promise<CParser>,
  openTree: (root: string, mayExecute: boolean) => Promise<SourceTree> | SourceTree,
): Workshop {
  const opened = new Map<number, Opened>();
  let parser: Promise<CParser> | null = null;
  let tree: { readonly key: string; readonly tree: Promise<SourceTree> | SourceTree } | null = null;

  const treeOf = async ({ tree: root, mayExecute }: Subject): Promise<SourceTree | null> => {
    if (root === null) return null;
    const key = `${mayExecute} ${root}`;
    if (tree?.key !== key) tree = { key, tree: openTree(root, mayExecute) };
    return tree.tree;
  };
  const parserNow = () => {
    parser ??= loadParser();
    return parser;
  };
  const sessionOf = (id: number): Opened => {
    const found = opened.get(id);
    if (found === undefined) throw new Error(`no simulation ${id} is open`);
    return found;
  };
  const optionsOf = async (applied: PatchedTree, choice: Choice, scenario: Scenario, run: Run) =>
    ({
      tree: applied.tree,
      parser: await parserNow(),
      scenario: withOwn(scenario, choice.own),
      functions: choice.functions,
      touched: applied.touched,
      removed: applied.removed,
      configuration: configurationOf(applied, choice),
      run,
      ...(choice.depth === null ? {} : { depth: choice.depth }),
    }) satisfies LoadOptions;

  /** Moves from a position on, as they are to be told. */
  const since = (one: Opened, from: number, problem: string | null = null): MovesAnswer => {
    const { session, program } = one;
    const moves = session.moves.slice(from);
    const data = moves.map((move, i) => moveData(session, move, from + i));
    return {
      from,
      moves: data,
      schedule: formatSchedule(session.moves.map((move) => move.turn)),
      violation: violationOf(session.moves.at(-1)),
      problem,
      assumed: [...program.linker.machine.assumed].sort(),
      contracts: contractsIn(program, moves, one.told),
    };
  };

  const handlers: {
    [N in RequestName]: (request: Requests[N]['in'], run: Run) => Promise<Requests[N]['out']>;
  } = {
    async catalogue({ subject }, run) {
      return catalogueOf(subject, await treeOf(subject), run);
    },
    async open({ id, subject, choice }, run) {
      const base = await treeOf(subject);
      const applied = await patchedTree(treeInputs(subject, base, choice), run);
      const candidates =
        choice.scenario === ''
          ? suggested(choice.functions)
          : [scenarioNamed(choice.scenario)].filter((one) => one !== null);
      if (candidates.length === 0)
        return { setup: null, problem: `there is no scenario '${choice.scenario}'` };
      let problem = '';
      for (const scenario of candidates) {
        run.progress?.(`loading ${scenario.name}`);
        const loaded = await loadProgram(await optionsOf(applied, choice, scenario, run));
        if (loaded.program === null) {
          problem = loaded.problem;
          continue;
        }
        const { program } = loaded;
        if (choice.scenario === '' && !plays(program, choice.functions)) continue;
        const session = openSession(program);
        opened.set(id, { applied, image: choice.image, program, session, told: new Set() });
        const made = { ...choice, scenario: scenario.name };
        return {
          setup: setupOf(program, session, made, scenario, configurationOf(applied, choice)),
          problem: null,
        };
      }
      return { setup: null, problem };
    },
    async close({ id }) {
      opened.delete(id);
      return null;
    },
    async load({ id, schedule }) {
      const one = sessionOf(id);
      const parsed = parseSchedule(schedule);
      if (parsed.schedule === null) return since(one, one.session.moves.length, parsed.problem);
      return since(one, 0, one.session.load(parsed.schedule));
    },
    async follow({ id, lines }) {
      const one = sessionOf(id);
      const { schedule, reached } = followPath(one.program, lines);
      return { ...since(one, 0, one.session.load(schedule)), reached };
    },
    async move({ id, position, task, choices }) {
      const one = sessionOf(id);
      one.session.seek(position);
      const from = one.session.position;
      const move = one.session.move(task, choices);
      if (move !== null) return since(one, from);
      return since(
        one,
        one.session.moves.length,
        `${one.session.taskNames[task] ?? `task ${task}`} cannot move`,
      );
    },
    async runToLock({ id, position, task }) {
      const one = sessionOf(id);
      one.session.seek(position);
      const from = one.session.position;
      return since(one, one.session.runToLock(task).length > 0 ? from : one.session.moves.length);
    },
    async runToLine({ id, position, task, file, line }) {
      const one = sessionOf(id);
      one.session.seek(position);
      const from = one.session.position;
      return since(one, one.session.runToLine(task, file, line).length > 0 ? from : one.session.moves.length);
    },
    async frames({ id, position, task }) {
      const { session } = sessionOf(id);
      session.seek(position);
      return session.frames(task);
    },
    async source({ id, file, function: name }) {
      const { program, applied, image } = sessionOf(id);
      return sourceOf(program, applied, image, file, name);
    },
    async locate({ id, file, line }) {
      const { program, applied, image } = sessionOf(id);
      return placeOfLine(program, applied, image, file, line);
    },
    async fromInput({ id, line }) {
      const { applied, image } = sessionOf(id);
      return lineFromInput(applied, image, line);
    },
    async fromTree({ id, file, line }) {
      const { applied, image } = sessionOf(id);
      return lineFromTree(applied, image, file, line);
    },
    async explore({ subject, choice }, run) {
      const applied = await patchedTree(treeInputs(subject, await treeOf(subject), choice), run);
      const scenario = scenarioNamed(choice.scenario);
      if (scenario === null) throw new Error(`there is no scenario '${choice.scenario}'`);
      return exploreAll(await optionsOf(applied, choice, scenario, run), run);
    },
  };
  return { answer: (name, request, run) => handlers[name](request, run) };
}

const treeInputs = ({ inputs }: Subject, tree: SourceTree | null, { image }: Choice) => ({
  ...inputs,
  tree,
  before: image === 'before',
});

function configurationOf(applied: PatchedTree, choice: Choice): ReadonlyMap<string, 'y' | 'm' | 'n'> {
  const gone = choice.image === 'before' ? [] : applied.removed;
  return new Map([...gone.map((symbol) => [symbol, 'n'] as const), ...Object.entries(choice.configuration)]);
}

function violationOf(move: Move | undefined): MovesAnswer['violation'] {
  if (move?.violation == null) return null;
  return { ...move.violation, cycle: [...move.violation.cycle] };
}

/** Scenarios to try for functions, `custom` last: it takes any. */
function suggested(functions: readonly string[]): readonly Scenario[] {
  const isKnown = (scenario: Scenario) =>
    scenario.roles.some((role) => role.match.known?.some((name) => functions.includes(name)) === true);
  const custom = SCENARIOS.filter((scenario) =>
    scenario.roles.every((role) => Object.keys(role.match).length === 0),
  );
  const others = SCENARIOS.filter((scenario) => !custom.includes(scenario));
  return [...others.filter(isKnown), ...others.filter((one) => !isKnown(one)), ...custom];
}

/** Whether the first function has a role because it looks like one that plays it, not for want of another. */
function plays(program: Program, [first]: readonly string[]): boolean {
  if (first === undefined) return true;
  return program.bindings.some(({ definition, isForced }) => definition?.fn.name === first && !isForced);
}

/** Functions that are offered to choose from. */
const MAX_FUNCTIONS = 5000;

const isCode = (path: string) => /\.[ch]$/.test(path);

async function catalogueOf(
  { inputs, tree: root }: Subject,
  tree: SourceTree | null,
  run: Run,
): Promise<Catalogue> {
  const functions = new Map<string, Catalogue['functions'][number]>();
  const others: Catalogue['functions'][number][] = [];
  const add = (unit: SourceUnit, isMeant: (first: number, last: number) => boolean) => {
    for (const fn of unit.functions) {
      const isChanged = isMeant(unit.position(fn.at).line, unit.position(fn.end).line);
      const one = { name: fn.name, file: unit.path, isChanged: isChanged && inputs.patches.length > 0 };
      if (isChanged) functions.set(keyOf(one), one);
      else others.push(one);
    }
  };
  const keyOf = (one: { readonly name: string; readonly file: string }) => `${one.file} ${one.name}`;
  const applied = await patchedTree({ ...inputs, tree, before: false }, run);
  for (const file of applied.files) {
    if (file.post === null || !isCode(file.path)) continue;
    const changed = [
      ...file.changedPostLines,
      ...file.deletions.map((gap) => ({ start: gap.after, end: gap.after + 1 })),
    ];
    add(parseUnit(file.path, file.post), (first, last) =>
      changed.some((range) => range.start <= last && range.end >= first),
    );
  }
  // Code outside of the patch that a removed symbol decides over.
  const uses = applied.removed.length > 0 ? await symbolUsers(applied.tree, applied.removed) : [];
  for (const path of new Set(uses.map((use) => use.file))) {
    const text = isCode(path) ? await applied.tree.read(path) : null;
    if (text === null) continue;
    const lines = uses.filter((use) => use.file === path).map((use) => use.line);
    add(parseUnit(path, text), (first, last) => lines.some((line) => first <= line && line <= last));
  }
  for (const { path } of inputs.sources) {
    const text = await applied.tree.read(path);
    if (text !== null) add(parseUnit(path, text), () => true);
  }
  // Any other function of these files can be run beside them.
  for (const one of others) if (!functions.has(keyOf(one))) functions.set(keyOf(one), one);
  return {
    input: [...inputs.patches.map((one) => one.name), ...inputs.sources.map((one) => one.path)].join(', '),
    tree: root,
    functions: [...functions.values()].slice(0, MAX_FUNCTIONS),
    scenarios: SCENARIOS.map(({ name, title }) => ({ name, title })),
    hasPatch: inputs.patches.length > 0,
  };
}

async function exploreAll(options: LoadOptions, run: Run): Promise<VerdictData> {
  const { result, problem } = await simulate({
    ...options,
    how: {
      kind: 'explore',
      options: {
        now: () => performance.now(),
        cancelled: () => run.cancelled?.() === true,
        progress: (message) => run.progress?.(message),
      },
    },
  });
  const none = { schedule: null, violation: null, states: 0, transitions: 0, milliseconds: 0 };
  if (result === null) return { ...none, verdict: 'not-runnable', text: problem };
  const numbers = result.numbers ?? { states: 0, transitions: 0, milliseconds: 0 };
  const found = result.trace?.violation ?? null;
  const base = {
    ...numbers,
    schedule: found === null ? null : (result.trace?.schedule ?? null),
    violation: found === null ? null : { ...found, cycle: [...found.cycle] },
  };
  switch (result.verdict) {
    case 'holds':
      return { ...base, verdict: 'holds', text: 'Holds for every interleaving of this scenario.' };
    case 'violated':
      return { ...base, verdict: 'violated', text: found?.message ?? '' };
    case 'not-runnable':
      return { ...base, verdict: 'not-runnable', text: result.reason };
    default: {
      const bound = result.bound === null ? 'no bound' : `up to ${result.bound} preemptions`;
      return { ...base, verdict: 'not-finished', text: `${result.reason}; ${bound} was tried in full.` };
    }
  }
}
