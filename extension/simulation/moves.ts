/** A session's moves as the panel's plain data: of each state only what is new. */
import type { FunctionSource } from '../../engine/c/index.ts';
import {
  CALLER_CALLS,
  type Move,
  type Program,
  type Scenario,
  type Session,
  type Snapshot,
} from '../../engine/simulate/index.ts';
import type { Choice, MoveData, Setup } from '../../media/panel/messages.ts';

/** @param index the move's place among those of the session. */
export function moveData(session: Session, move: Move, index: number): MoveData {
  const { step, next } = move;
  const previous = index === 0 ? session.before : session.moves[index - 1]!.step.after;
  return {
    task: step.task,
    place: step.place,
    next,
    calls: move.calls,
    reads: step.reads.filter((read) => !read.what.includes('#')),
    changes: step.changes.map(({ what, to }) => ({ what, to })),
    notes: step.notes,
    report: step.report,
    isLockOperation: step.isLockOperation,
    isShared: step.isShared,
    choices: move.choices,
    after: differences(previous, step.after),
  };
}

function differences(before: Snapshot, after: Snapshot): Partial<Snapshot> {
  const parts = Object.entries(after).filter(([name, part]) => {
    const old = before[name as keyof Snapshot];
    return old !== part && JSON.stringify(old) !== JSON.stringify(part);
  });
  return Object.fromEntries(parts);
}

/** A simulation at its start. @param scenario the scenario before the user's changes. */
export function setupOf(
  program: Program,
  session: Session,
  choice: Choice,
  scenario: Scenario,
  configuration: ReadonlyMap<string, 'y' | 'm' | 'n'>,
): Setup {
  const bound = program.bindings.flatMap(({ role, definition }) =>
    definition === null ? [] : [{ role: role.name, definition }],
  );
  return {
    choice,
    depth: program.depth,
    title: scenario.title,
    property: scenario.property,
    release: program.release,
    roles: bound.map(({ role, definition }) => ({
      role,
      function: definition.fn.name,
      file: definition.unit.path,
    })),
    tasks: session.taskNames,
    idle: idleTasks(program),
    allTasks: scenario.tasks.map((task) => task.name),
    symbols: symbolsOf(
      bound.map((one) => one.definition.fn),
      configuration,
      program,
    ),
    before: session.before,
    starts: session.starts,
  };
}

/** Tasks whose code does nothing but call roles that nobody plays, and hold for them what they expect to be held. */
function idleTasks(program: Program): number[] {
  const played = new Set(
    program.bindings.flatMap(({ role, definition }) => (definition === null ? [] : [role.name])),
  );
  const code = program.linker.options.units.units.get('<scenario>');
  /** What a function of the scenario calls, by itself and by others of the scenario. */
  const called = (name: string, seen = new Set<string>()): ReadonlySet<string> => {
    const own = code?.functions.find((one) => one.name === name);
    if (own === undefined) return new Set([name]);
    if (seen.has(name)) return new Set();
    seen.add(name);
    return new Set(own.calls.flatMap((other) => [...called(other, seen)]));
  };
  return program.scenario.tasks.flatMap(({ call }, task) => {
    const calls = [...called(call.slice(0, call.indexOf('(')))];
    const roles = calls.filter((name) => name.startsWith('role_'));
    const isNothing =
      roles.length > 0 &&
      calls.every((name) => roles.includes(name) || CALLER_CALLS.has(name)) &&
      roles.every((name) => !played.has(name.slice('role_'.length)));
    return isNothing ? [task] : [];
  });
}

/** The symbols that the functions test, and those that are set. */
function symbolsOf(
  functions: readonly FunctionSource[],
  configuration: ReadonlyMap<string, 'y' | 'm' | 'n'>,
  program: Program,
): Setup['symbols'] {
  const { values, fallback } = program.linker.options.units.configuration;
  const names = new Set([...functions.flatMap((fn) => fn.symbols), ...configuration.keys()]);
  return [...names]
    .filter((name) => /^CONFIG_\w{1,100}$/.test(name))
    .sort()
    .map((name) => ({ name, value: values.get(name) ?? fallback }));
}
