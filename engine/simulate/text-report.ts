/** A simulation as text: the verdict, the schedule, and the trace with the state of the locks at each step. */
import { layoutDrawing } from './layout-drawing.ts';
import type { SimulationResult } from './simulation.ts';
import type { Snapshot, Step, Trace } from './trace.ts';
import { counted } from './verdict.ts';

const hex = (value: number) => `0x${(value >= 0 ? value : value + 2 ** 64).toString(16)}`;

/** @param whole every operation, not only those that other tasks have to do with. */
export function simulationText(result: SimulationResult, whole = false): string {
  const lines: string[] = [];
  const bound = result.roles.map((role) => `${role.role} is ${role.function}()`).join(', ');
  lines.push(`${result.scenario}: ${result.title}`);
  lines.push(`  property: ${result.property}`);
  if (bound !== '') lines.push(`  roles: ${bound}`);
  lines.push(
    `  VMA lock: ${result.depth === 'full' ? 'its own code, step by step' : 'by contract'}; kernel ${result.release}`,
  );
  lines.push('');
  lines.push(verdictText(result));
  if (result.trace !== null) {
    lines.push('', `schedule: ${result.trace.schedule}`, '');
    lines.push(...traceText(result.trace, whole));
    const drawing = layoutDrawing(result.trace);
    if (drawing.length > 0) lines.push('', ...drawing.map((line) => `  ${line}`));
  }
  if (result.assumed.length > 0) {
    lines.push('', 'assumed:');
    for (const sentence of result.assumed) lines.push(`  ${sentence}`);
  }
  if (result.numbers !== null) {
    const { states, transitions, milliseconds } = result.numbers;
    lines.push(
      '',
      `${counted(states, 'state')}, ${counted(transitions, 'transition')}, ${milliseconds.toFixed(0)} ms`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function verdictText(result: SimulationResult): string {
  switch (result.verdict) {
    case 'holds':
      return 'holds for every interleaving of this scenario';
    case 'violated': {
      const violation = result.trace?.violation;
      const how = result.isShortest ? ', shortest schedule first' : '';
      const steps = result.steps === null ? '' : ` (${counted(result.steps, 'step')}${how})`;
      const place =
        violation === undefined || violation === null ? '' : `\n  at ${placeText(violation.place)}`;
      return `violated${steps}: ${violation?.message ?? ''}${place}`;
    }
    case 'not-finished':
      return `not finished: ${counted(result.numbers?.states ?? 0, 'state')}, bound ${result.bound ?? 'none'}: ${result.reason}`;
    case 'replayed':
      return result.trace?.problem === null
        ? 'the schedule was followed to its end: nothing went wrong'
        : `the schedule cannot be followed: ${result.trace?.problem ?? ''}`;
    case 'not-runnable':
      return `cannot be run: ${result.reason}`;
  }
}

function placeText(place: {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly text: string;
}): string {
  return `${place.file}:${place.line} ${place.function}(): ${place.text}`;
}

function traceText(trace: Trace, whole: boolean): string[] {
  let state = stateParts(trace, trace.before);
  const lines = [`  ${'start'.padEnd(10)} | ${state.join(' | ')}`];
  const shown = trace.steps.filter(
    (step, i) =>
      whole ||
      step.isShared ||
      step.isLockOperation ||
      step.notes.length > 0 ||
      step.report !== null ||
      i === trace.steps.length - 1,
  );
  for (const step of shown) {
    lines.push(
      `  ${trace.tasks[step.task]!.padEnd(10)} ${step.place.file}:${step.place.line}  ${step.place.text}`,
    );
    const details = stepDetails(trace, step);
    if (details !== '') lines.push(`  ${''.padEnd(10)}   ${details}`);
    const after = stateParts(trace, step.after);
    const changed = after.filter((part) => !state.includes(part));
    if (changed.length > 0) lines.push(`  ${''.padEnd(10)} | ${changed.join(' | ')}`);
    state = after;
  }
  const { violation } = trace;
  if (violation !== null) {
    const { task, place } = violation;
    const last = shown.at(-1);
    const isLast = last?.task === task && last.place.file === place.file && last.place.line === place.line;
    // What went wrong belongs to the step, where there is one; a deadlock to nobody's.
    const isShared = violation.cycle.length > 0;
    if (!isLast && !isShared) lines.push(`  ${(trace.tasks[task] ?? '').padEnd(10)} ${placeText(place)}`);
    for (const sentence of isShared ? ['nobody can go on:', ...violation.cycle] : [violation.message])
      lines.push(`  ${''.padEnd(10)} * ${sentence}`);
  }
  if (shown.length > 0) lines.push(`  ${'end'.padEnd(10)} | ${state.join(' | ')}`);
  return lines;
}

function stepDetails(trace: Trace, step: Step): string {
  const parts: string[] = [...step.notes];
  const name = (task: number) => trace.tasks[task]!;
  for (const { op, lock, task, by, blockers } of step.events) {
    if (op === 'wait') {
      const why = blockers.length === 0 ? '' : `, behind ${blockers.map(name).join(' and ')}`;
      parts.push(`${name(task)} waits for ${lock}${why}`);
    } else if (op === 'wake' && task !== by) parts.push(`${name(task)} need not wait for ${lock} any more`);
  }
  if (step.found !== null) {
    parts.push(`finds ${step.found.label} [${hex(step.found.start)},${hex(step.found.end)})`);
  }
  for (const read of step.reads) if (!read.what.includes('#')) parts.push(`${read.what} is ${read.value}`);
  for (const change of step.changes) parts.push(`${change.what} := ${change.to}`);
  return parts.join('; ');
}

/** Locks, sequence counts, VMAs and RCU sections, a phrase each. */
function stateParts(trace: Trace, snapshot: Snapshot): string[] {
  const name = (task: number) => trace.tasks[task] ?? String(task);
  const parts: string[] = [];
  for (const lock of snapshot.locks) {
    const holders = [
      ...(lock.writer === null ? [] : [`W ${name(lock.writer)}`]),
      ...lock.readers.map((task) => `R ${name(task)}`),
    ];
    const queue = lock.queue.map((one) => `${one.mode} ${name(one.task)}`);
    parts.push(
      `${lock.name}: ${holders.join(', ') || 'free'}${queue.length > 0 ? ` (waiting: ${queue.join(', ')})` : ''}`,
    );
  }
  for (const { mm, value } of snapshot.sequences) parts.push(`${mm}.mm_lock_seq ${value}`);
  for (const vma of snapshot.vmas) {
    const flags = [
      vma.isFreed ? 'freed' : vma.isDetached ? 'detached' : '',
      vma.isWriteLocked ? 'write-locked' : '',
      vma.isInTree ? '' : 'not in the tree',
    ].filter((text) => text !== '');
    const readers = vma.readers.map((task) => `R ${name(task)}`);
    const seq = vma.lockSeq === 2 ** 32 - 1 ? '-' : String(vma.lockSeq);
    const count = vma.refcnt >= 2 ** 30 ? `FLAG+${vma.refcnt - 2 ** 30}` : String(vma.refcnt);
    parts.push(
      `${vma.name} [${hex(vma.start)},${hex(vma.end)}) ref ${count} seq ${seq}${[...flags, ...readers].map((text) => ` ${text}`).join('')}`,
    );
  }
  const rcu = snapshot.tasks.flatMap((task, i) => (task.rcu > 0 ? [name(i)] : []));
  parts.push(`RCU: ${rcu.join(', ') || 'nobody'}`);
  return parts;
}
