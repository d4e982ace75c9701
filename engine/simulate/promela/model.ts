/** The rules of a program as a Promela model, for Spin: the same steps, put together by somebody else. */
import type { Program } from '../program.ts';
import { RCU, READY, RESUMED, SIGNAL, STATUS, TASK_STATE, WAIT } from '../signals.ts';
import type { Assignment, LocalState, Rule, Rules } from './rules.ts';

const HEADER_NAMES: ReadonlyMap<number, string> = new Map([
  [STATUS, 'status'],
  [WAIT, 'waits_for'],
  [RESUMED, 'resumed'],
  [RCU, 'rcu'],
  [TASK_STATE, 'state'],
  [SIGNAL, 'signal'],
]);

/** What a variable is called, and how its values are written. */
interface Variable {
  readonly name: string;
  readonly type: string;
  readonly first: string;
  readonly legend: readonly string[];
  readonly text: (value: number) => string;
}

/**
 * A process for each task, a label for each local state of one, a variable for each shared cell. Each step is atomic, as
 * in the machine. Violations are the assertion `no_violation`, combinations of values that were never met the assertion
 * `is_known`; a deadlock is an invalid end state. Loops without progress are not looked for.
 */
export function promelaModel(program: Program, rules: Rules): string {
  const { scenario } = program;
  const variables = variablesOf(program, rules);
  const lines = [
    `/* ${comment(`${scenario.name}: ${scenario.title}`)}`,
    ` * ${comment(scenario.property)}`,
    ` * kernel ${comment(program.release)}; VMA lock ${program.depth === 'full' ? 'by its own code' : 'by contract'}`,
    ' *',
    ' * Check it with: spin -a FILE && cc -O2 -DSAFETY -o pan pan.c && ./pan -m1000000',
    ' *   assertion violated no_violation: the property or a check of the kernel fails',
    ' *   assertion violated is_known: the rules are not complete, and say nothing',
    ' *   invalid end state: a deadlock',
    ' */',
    '',
    'bit no_violation = 0;',
    'bit is_known = 0;',
  ];
  for (const { legend, type, name, first } of variables.values()) {
    if (legend.length > 0) lines.push(`/* ${name}: ${comment(legend.join(', '))} */`);
    lines.push(`${type} ${name} = ${first};`);
  }
  const machine = program.linker.machine;
  for (const [task, states] of rules.tasks.entries()) {
    const start = machine.tasks[task]!;
    const status = variables.get(machine.bases[task]! + STATUS);
    lines.push('', `active proctype ${identifier(start.name)}()`, '{');
    for (const [id, state] of states.entries()) {
      lines.push(...processState(variables, id, state, status, start.daemon === true));
    }
    lines.push('finished:', '  skip', '}');
  }
  return `${lines.join('\n')}\n`;
}

function processState(
  variables: ReadonlyMap<number, Variable>,
  id: number,
  state: LocalState,
  status: Variable | undefined,
  isDaemon: boolean,
): string[] {
  if (state.hasEnded) return [`S${id}:`, '  goto finished;'];
  const { place, rules } = state;
  const label = isDaemon ? `end_S${id}: S${id}:` : `S${id}:`;
  const lines = [`${label} /* ${comment(`${place.file}:${place.line} ${place.text}`)} */`];
  // Nobody ever woke the task here.
  if (rules.length === 0) return [...lines, '  false;'];
  const ready = status === undefined ? '' : `${status.name} == ${status.text(READY)}`;
  lines.push(`  atomic { ${ready === '' ? 'true' : ready} ->`, '    if');
  for (const rule of rules) lines.push(`    :: ${ruleText(variables, rule, status)}`);
  lines.push('    :: else -> assert(is_known)', '    fi', '  }');
  return lines;
}

function ruleText(
  variables: ReadonlyMap<number, Variable>,
  rule: Rule,
  status: Variable | undefined,
): string {
  const guards = rule.guard.flatMap(({ cell, value }) => {
    const variable = variables.get(cell)!;
    return variable === status ? [] : [`${variable.name} == ${variable.text(value)}`];
  });
  const guard = guards.length === 0 ? 'true' : guards.join(' && ');
  if (rule.violation !== null) {
    return `${guard} -> assert(no_violation) /* ${comment(rule.violation.message)} */`;
  }
  const writes = rule.writes.map(({ cell, value }) => {
    const variable = variables.get(cell)!;
    return `${variable.name} = ${variable.text(value)}; `;
  });
  return `${guard} -> ${writes.join('')}goto S${rule.to}`;
}

function variablesOf(program: Program, { shared, tasks }: Rules): Map<number, Variable> {
  const values = new Map<number, Set<number>>(shared.map(({ cell, value }) => [cell, new Set([value])]));
  const note = ({ cell, value }: Assignment) => values.get(cell)!.add(value);
  for (const { guard, writes } of tasks.flat().flatMap((state) => state.rules)) {
    guard.forEach(note);
    writes.forEach(note);
  }
  const variables = new Map<number, Variable>();
  const taken = new Set(['no_violation', 'is_known']);
  for (const { cell, value } of shared) {
    let name = identifier(cellName(program, cell));
    for (let i = 2; taken.has(name); i++) name = `${identifier(cellName(program, cell))}_${i}`;
    taken.add(name);
    variables.set(cell, variable(program, name, value, values.get(cell)!));
  }
  return variables;
}

/** Small numbers stand for themselves; of others, and of pointers, each gets a number that the legend explains. */
function variable(program: Program, name: string, first: number, values: ReadonlySet<number>): Variable {
  const sorted = [...values].sort((a, b) => a - b);
  const isPlain = sorted.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 31);
  const largest = isPlain ? sorted.at(-1)! : sorted.length - 1;
  const type = largest < 2 ? 'bit' : largest < 256 ? 'byte' : 'int';
  if (isPlain) return { name, type, first: String(first), legend: [], text: String };
  const describe = (value: number) => program.linker.machine.memory.describe(value);
  return {
    name,
    type,
    first: String(sorted.indexOf(first)),
    legend: sorted.map((value, i) => `${i} is ${describe(value)}`),
    text: (value) => String(sorted.indexOf(value)),
  };
}

function cellName(program: Program, cell: number): string {
  const { memory, bases, tasks } = program.linker.machine;
  const address = memory.cellAddress[cell]!;
  if (address >= 0) return memory.describe(address);
  const life = memory.objects.find((object) => object.life === cell);
  if (life !== undefined) return `${life.name}.life`;
  const task = bases.findLastIndex((base) => base <= cell);
  const field = cell - bases[task]!;
  return `task_${tasks[task]!.name}.${HEADER_NAMES.get(field) ?? `register_${field}`}`;
}

/** `A.vm_refcnt` → `A_vm_refcnt`, `mm.mmap_lock.#w` → `mm_mmap_lock__w`: no keyword of Promela has an underscore. */
function identifier(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9]/g, '_').replace(/^(?=\d)/, '_');
  return plain.includes('_') || plain.length === 0 ? plain : `v_${plain}`;
}

function comment(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('*/', '* /').replaceAll('/*', '/ *').trim();
}
