import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isIdle } from './diagram-layout.ts';
import type { SourceData } from './messages.ts';
import { StepResults } from './step-results.tsx';
import { type SideView, type Store, sourceKey } from './store.ts';
import { fileText } from './text.ts';
import { tokensOf } from './tokens.ts';

interface Props {
  readonly store: Store;
  readonly side: 0 | 1;
  readonly view: SideView;
  readonly position: number;
  readonly bothImages: boolean;
  readonly sources: ReadonlyMap<string, SourceData>;
}

/** The code of each task, with the line that it is at and the lines of the patch marked. */
export function Sources({ store, side, view, position, bothImages, sources }: Props) {
  return (
    <div class="sources">
      {view.timeline.setup.tasks.map((name, task) =>
        isIdle(view.timeline, task) ? null : (
          <TaskSource key={name} {...{ store, side, view, position, bothImages, sources, name, task }} />
        ),
      )}
    </div>
  );
}

function TaskSource({
  store,
  side,
  view,
  position,
  bothImages,
  sources,
  name,
  task,
}: Props & { readonly name: string; readonly task: number }) {
  const { timeline, violation } = view;
  const place = timeline.placeOf(task, position);
  const calls = timeline.callsOf(task, position);
  const state = timeline.stateAt(position).tasks[task]?.state ?? 'ready';
  const isAtEnd = violation !== null && position >= timeline.length;
  const isBad = isAtEnd && (violation.task === task || violation.task < 0);
  // A task that has ended, and one that went wrong, is shown where that was.
  const lastOwn = timeline.moves.slice(0, position).findLast((move) => move.task === task);
  const shown =
    isBad && violation.place.file !== ''
      ? violation.place
      : state === 'ended'
        ? (lastOwn?.place ?? place)
        : place;
  const file = shown?.file ?? '';
  const fn = shown?.function ?? '';
  // Asked again of another simulation, though the place be the same.
  const { setup } = timeline;
  useEffect(() => store.wantSource(side, file, fn), [store, side, file, fn, setup]);
  const source = sources.get(sourceKey(side, file, fn)) ?? null;
  const last = timeline.moves[position - 1];
  const justMoved = last?.task === task;
  const canMove = side === 0 && store.canMove(task);
  return (
    <section class={`source ${state} ${justMoved ? 'moved' : ''}`} aria-label={`Code of ${name}`}>
      <header>
        <span class={`task t${task % 6}`}>{name}</span>
        <span class={`badge ${isBad ? 'bad' : state}`}>{isBad ? 'violation' : state}</span>
        <span class="where" title={calls.join(' ← ')}>
          {calls.length > 1 ? `${calls.slice(0, 4).join(' ← ')}${calls.length > 4 ? ' ← …' : ''}` : `${fn}()`}
        </span>
        {side === 0 && (
          <button
            type="button"
            class="step"
            disabled={!canMove}
            onClick={() => store.move(task)}
            title={`Let ${name} make the next step (${task + 1})`}
          >
            Step<span class="hidden"> {name}</span>
          </button>
        )}
      </header>
      {side === 0 && justMoved && <StepResults {...{ store, position }} move={last} />}
      <Code
        key={`${file} ${fn}`}
        {...{ store, side, source, task, bothImages, isBad }}
        file={file}
        line={shown?.line ?? 0}
        image={timeline.setup.choice.image}
        hasEnded={state === 'ended' && !isBad}
      />
      <footer>
        <button type="button" class="link" onClick={() => store.open(side, file, shown?.line ?? 0)}>
          {fileText(file)}:{shown?.line ?? 0}
        </button>
      </footer>
    </section>
  );
}

interface CodeProps {
  readonly store: Store;
  readonly side: 0 | 1;
  readonly source: SourceData | null;
  readonly task: number;
  readonly bothImages: boolean;
  readonly isBad: boolean;
  readonly file: string;
  readonly line: number;
  readonly image: 'after' | 'before';
  readonly hasEnded: boolean;
}

function Code({ store, side, source, task, bothImages, isBad, file, line, image, hasEnded }: CodeProps) {
  const box = useRef<HTMLDivElement>(null);
  /** The line that the keys are at; null: the one that the task is at. */
  const [cursor, setCursor] = useState<number | null>(null);
  const show = (selector: string) => {
    const scroller = box.current;
    const row = scroller?.querySelector<HTMLElement>(selector);
    if (scroller === null || row === null || row === undefined) return;
    // Of the box, which its rows are placed in.
    const top = row.offsetTop;
    if (top < scroller.scrollTop + 40 || top > scroller.scrollTop + scroller.clientHeight - 60)
      scroller.scrollTop = top - scroller.clientHeight / 2.5;
  };
  useLayoutEffect(() => setCursor(null), [line]);
  useLayoutEffect(() => show('.at'), [source, line, bothImages]);
  useLayoutEffect(() => show('.cursor'), [cursor]);
  if (source === null) return <div class="code-box empty" ref={box} />;
  const hasOther = source.lines.some((one) => one.before === null || one.after === null);
  const side_by_side = bothImages && hasOther;
  const shown = side_by_side ? paired(source) : source.lines.map((one) => ({ left: one, right: one }));
  const numbers = shown.map(({ left, right }) => (image === 'after' ? right?.after : left?.before) ?? null);
  const here = cursor ?? Math.max(0, numbers.indexOf(line));
  const use = (index: number, isRun: boolean) => {
    const number = numbers[index] ?? null;
    if (number === null) return;
    if (isRun) store.toLine(task, file, number);
    else store.open(side, file, number);
  };
  const keyed = (event: KeyboardEvent) => {
    const { key } = event;
    if (key === 'Enter') use(here, event.altKey);
    else if (key === 'ArrowDown') setCursor(Math.min(shown.length - 1, here + 1));
    else if (key === 'ArrowUp') setCursor(Math.max(0, here - 1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const idOf = (index: number) => `line-${side}-${task}-${index}`;
  return (
    <div
      class={`code-box ${side_by_side ? 'both' : ''}`}
      ref={box}
      tabIndex={0}
      role="listbox"
      aria-label={`${fileText(file)}, ${source.function}()`}
      aria-activedescendant={idOf(here)}
      onKeyDown={keyed}
    >
      {shown.map(({ left, right }, i) => {
        const number = numbers[i] ?? null;
        const isAt = number !== null && number === line;
        const kind = side_by_side ? '' : kindOf(left);
        const at = isAt && (isBad ? 'at bad' : hasEnded ? 'at ended' : 'at');
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus
          <div
            key={i}
            id={idOf(i)}
            class={['line', at, kind, i === here && 'cursor'].filter(Boolean).join(' ')}
            role="option"
            aria-selected={isAt}
            onClick={(event) => use(i, event.altKey)}
            title="Click or Enter: open; with Alt: run to this line"
          >
            {side_by_side ? (
              <>
                <Cell
                  line={left}
                  number={left?.before ?? null}
                  kind={left?.after === null ? 'removed' : ''}
                />
                <Cell
                  line={right}
                  number={right?.after ?? null}
                  kind={right?.before === null ? 'added' : ''}
                />
              </>
            ) : (
              <Cell line={left} number={number} kind={kind} />
            )}
            {isAt && <span class="hidden"> (here)</span>}
          </div>
        );
      })}
    </div>
  );
}

type Line = SourceData['lines'][number];

function kindOf(line: Line | null): string {
  if (line === null) return '';
  return line.after === null ? 'removed' : line.before === null ? 'added' : '';
}

function Cell({
  line,
  number,
  kind,
}: {
  readonly line: Line | null;
  readonly number: number | null;
  readonly kind: string;
}) {
  return (
    <span class={`cell ${kind}`}>
      <span class="number">{number ?? ''}</span>
      <span class="sign">{kind === 'added' ? '+' : kind === 'removed' ? '-' : ' '}</span>
      <code>
        {tokensOf(line?.text ?? '').map(({ kind: token, text }, i) =>
          token === 'plain' ? (
            text
          ) : (
            <span key={i} class={token}>
              {text}
            </span>
          ),
        )}
      </code>
    </span>
  );
}

/** Lines of the two images beside each other: those removed beside those added in their place. */
function paired(source: SourceData): { readonly left: Line | null; readonly right: Line | null }[] {
  const pairs: { left: Line | null; right: Line | null }[] = [];
  let removed: Line[] = [];
  let added: Line[] = [];
  const flush = () => {
    for (let i = 0; i < Math.max(removed.length, added.length); i++)
      pairs.push({ left: removed[i] ?? null, right: added[i] ?? null });
    removed = [];
    added = [];
  };
  for (const line of source.lines) {
    if (line.after === null) removed.push(line);
    else if (line.before === null) added.push(line);
    else {
      flush();
      pairs.push({ left: line, right: line });
    }
  }
  flush();
  return pairs;
}
