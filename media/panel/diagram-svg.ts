/** The space-time diagram as a picture of its own, whole and with its colours in it, for a document or a mail. */
import { LANE_HEAD, type Layout, layoutOf, ROW, TOP } from './diagram-layout.ts';
import type { ViolationData } from './messages.ts';
import { holdText } from './text.ts';
import type { Timeline } from './timeline.ts';

const NAMES = 150;
const STEP = 18;
/** A longer trace is drawn narrower, so that viewers take the picture. */
const WIDEST = 16_000;

const COLOURS = {
  read: '#3794d1',
  write: '#c4622d',
  rcu: '#388a34',
  atomic: '#8a4fbf',
  wait: '#c9c9c9',
} as const;

/** An SVG document. */
export function diagramSvg(timeline: Timeline, violation: ViolationData | null): string {
  const layout = layoutOf(timeline);
  const step = Math.min(STEP, WIDEST / (timeline.length + 2));
  const x = (position: number) => round(NAMES + (position + 1) * step);
  const width = Math.ceil(x(timeline.length + 2));
  const height = layout.height + 30;
  const { setup } = timeline;
  const parts: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<title>${escaped(`${setup.choice.scenario}: ${setup.title}`)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...names(timeline, layout),
  ];
  for (const hold of timeline.holds) {
    const top = layout.byTask.get(hold.task)?.rows.get(hold.lock);
    if (top === undefined) continue;
    const left = x(hold.from);
    const right = x(hold.to ?? timeline.length + 0.6);
    const label = `${setup.tasks[hold.task]}: ${holdText(hold)}`;
    const dash = hold.kind === 'wait' ? ' stroke="#666" stroke-dasharray="3 2"' : '';
    parts.push(
      `<rect x="${left}" y="${top + 1}" width="${round(Math.max(2, right - left))}" height="${ROW - 3}" rx="2" fill="${COLOURS[hold.kind]}"${dash}><title>${escaped(label)}</title></rect>`,
    );
  }
  for (const [i, move] of timeline.moves.entries()) {
    const lane = layout.byTask.get(move.task);
    if (lane === undefined || (step < 5 && !move.isLockOperation)) continue;
    parts.push(
      `<circle cx="${x(i + 1)}" cy="${lane.axis}" r="${move.isLockOperation ? 4 : 2}" fill="#333"><title>${escaped(`Step ${i + 1}: ${setup.tasks[move.task]}: ${move.place.text}`)}</title></circle>`,
    );
  }
  for (const arrow of timeline.arrows) {
    const [from, to] = [layout.byTask.get(arrow.from), layout.byTask.get(arrow.to)];
    if (from === undefined || to === undefined) continue;
    const at = x(arrow.position);
    parts.push(
      `<path d="M${round(at - step * 0.6)} ${from.axis}L${at} ${to.axis}" stroke="${arrow.kind === 'wait' ? '#b3261e' : '#388a34'}" fill="none" stroke-width="1.5"/>`,
    );
  }
  if (violation !== null) {
    const at = x(timeline.length + 0.6);
    parts.push(
      `<line x1="${at}" x2="${at}" y1="${TOP}" y2="${layout.height}" stroke="#b3261e" stroke-width="2"/>`,
      `<text x="${NAMES}" y="${layout.height + 18}" fill="#b3261e">${escaped(violation.message)}</text>`,
    );
  }
  parts.push('</svg>');
  return `${parts.join('\n')}\n`;
}

function names(timeline: Timeline, layout: Layout): string[] {
  return layout.lanes.flatMap((lane) => [
    `<text x="6" y="${lane.top + LANE_HEAD - 4}" font-weight="bold">${escaped(timeline.setup.tasks[lane.task] ?? '')}</text>`,
    `<line x1="${NAMES}" x2="100%" y1="${lane.axis}" y2="${lane.axis}" stroke="#ccc"/>`,
    ...[...lane.rows].map(
      ([name, top]) =>
        `<text x="${NAMES - 6}" y="${top + ROW - 4}" text-anchor="end" fill="#444">${escaped(name)}</text>`,
    ),
  ]);
}

const round = (value: number) => Math.round(value * 10) / 10;

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
