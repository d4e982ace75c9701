/**
 * The address space in a trace, drawn as in a mail: what a reader found, what a writer made of it, what the reader
 * reported.
 */
import type { Snapshot } from './snapshot.ts';
import type { Trace } from './trace.ts';

interface Segment {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly label: string;
}

interface Row {
  readonly title: string;
  readonly segments: readonly Segment[];
}

/** Columns for the whole range, and the least for one part of it. */
const WIDTH = 60;
const LEAST = 9;

/** @returns the lines, without indentation; none where no task reports anything. */
export function layoutDrawing(trace: Trace): string[] {
  const rows = rowsOf(trace);
  const edges = [
    ...new Set(rows.flatMap((row) => row.segments.flatMap(({ start, end }) => [start, end]))),
  ].sort((a, b) => a - b);
  if (edges.length < 2 || !trace.steps.some((step) => step.report !== null)) return [];
  const whole = edges.at(-1)! - edges[0]!;
  const columns = new Map<number, number>();
  let column = 0;
  for (const [i, edge] of edges.entries()) {
    if (i > 0) column += Math.max(LEAST, Math.round((WIDTH * (edge - edges[i - 1]!)) / whole));
    columns.set(edge, column);
  }
  const titled = Math.max(...rows.map((row) => row.title.length)) + 1;
  const scale = edges.reduce((line, edge) => line.padEnd(columns.get(edge)!) + hex(edge), '');
  return [
    (' '.repeat(titled) + scale).trimEnd(),
    ...rows.map((row) => row.title.padEnd(titled) + bar(row.segments, (edge) => columns.get(edge)!)),
  ];
}

/** One row for each thing that happens to the layout: found, changed, reported; each shows the state after it. */
function rowsOf(trace: Trace): Row[] {
  const rows: Row[] = [];
  const name = (task: number) => trace.tasks[task]!;
  /** Puts a row in the place of the last one if that tells of the same. */
  const put = (title: string, segments: readonly Segment[]) => {
    if (rows.at(-1)?.title === title) rows.pop();
    rows.push({ title, segments });
  };
  const reported = new Map<number, Segment[]>();
  const readers = new Set(trace.steps.filter((step) => step.report !== null).map((step) => step.task));
  let state = trace.before;
  for (const step of trace.steps) {
    const { task, found, report, after } = step;
    if (found !== null && readers.has(task)) put(`${name(task)} found`, [found]);
    if (!isSameLayout(state, after)) put(`${name(task)} made it`, layoutOf(after));
    state = after;
    if (report !== null) {
      const all = [...(reported.get(task) ?? []), segmentOf(after, report)];
      reported.set(task, all);
      put(`${name(task)} reported`, withGaps(all, trace.before, after));
    }
  }
  return rows;
}

function layoutOf(snapshot: Snapshot): Segment[] {
  return snapshot.tree.map(({ start, end, vma }) => ({ start, end, label: `VMA ${vma}` }));
}

function isSameLayout(a: Snapshot, b: Snapshot): boolean {
  return JSON.stringify(a.tree) === JSON.stringify(b.tree);
}

/** The VMA that a report is about: the one with these bounds. */
function segmentOf(snapshot: Snapshot, report: { readonly start: number; readonly end: number }): Segment {
  const vma = snapshot.vmas.find((one) => one.start === report.start && one.end === report.end);
  return { ...report, label: vma === undefined ? 'reported' : `VMA ${vma.name}` };
}

/** What lies between two reports, or before the first one, looks like a gap to who reads them. */
function withGaps(reported: readonly Segment[], before: Snapshot, after: Snapshot): Segment[] {
  const starts = [...before.tree, ...after.tree].map((entry) => entry.start);
  let at = Math.min(...starts, ...reported.map((one) => one.start));
  const segments: Segment[] = [];
  for (const one of [...reported].sort((a, b) => a.start - b.start)) {
    if (one.start > at) segments.push({ start: at, end: one.start, label: 'gap' });
    segments.push(one);
    at = Math.max(at, one.end);
  }
  return segments;
}

function bar(segments: readonly Segment[], column: (edge: number) => number): string {
  let line = '';
  for (const { start, end, label } of segments) {
    const from = column(start);
    const room = column(end) - from - 1;
    line = line.slice(0, from).padEnd(from);
    const fill = label === 'gap' ? ' ' : '-';
    const left = Math.max(0, Math.floor((room - label.length) / 2));
    const inside = (fill.repeat(left) + label.slice(0, room)).padEnd(room, fill);
    line += `|${inside}|`;
  }
  return line;
}

function hex(value: number): string {
  return `0x${value.toString(16)} `;
}
