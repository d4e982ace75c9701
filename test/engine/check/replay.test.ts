import { describe, expect, it } from 'vitest';
import type { TraceStep } from '../../../engine/check/finding.ts';
import type { LockKind, Mode } from '../../../engine/protocol/contract.ts';
import { DEFAULT_OPTIONS, reviewFiles } from '../../../engine/review/index.ts';
import { acquire, type LockState, release } from '../../../engine/state/lock-state.ts';
import { testParser } from '../parser.ts';
import { fixtures } from './oracle.ts';

/** What a step says that it does with which lock: enough to do it again, knowing nothing of the path. */
interface Operation {
  readonly takes: boolean;
  readonly name: string;
  readonly kind: LockKind;
  readonly mode: Mode;
}

function operationOf({ message }: TraceStep): Operation | null {
  const match = /\b(takes|releases) (?:the )?(.+?)( for reading| for writing| \(downgraded\))?$/.exec(
    message,
  );
  if (!match) return null;
  const name = match[2]!;
  const mode = match[3] === ' for writing' ? 'W' : match[3] ? 'R' : /section$/.test(name) ? 'R' : 'W';
  const kind = match[3] ? 'rwlock' : /section$/.test(name) ? 'rcu' : 'mutex';
  return { takes: match[1] === 'takes', name, kind, mode };
}

/** How many holds a step shows, each level of one that nests counted. */
function shown(held: string): number {
  if (held === 'nothing') return 0;
  return held.split(', ').reduce((sum, one) => sum + Number(/ x(\d+)$/.exec(one)?.[1] ?? 1), 0);
}

/** The last part of a lock's name: `mmap_lock` of `vma->vm_mm->mmap_lock`. */
function fieldOf(name: string): string {
  return name.replace(/^.*(?:->|\.)/, '');
}

function count(state: LockState<string>): number {
  return state.reduce((sum, held) => sum + held.depth, 0);
}

/** Rules whose violation is a state of the locks; the others judge what is done in it. */
const ENDS: Readonly<Record<string, (state: LockState<string>) => boolean>> = {
  'lock-leak': (state) => state.length > 0,
  'double-lock': (state) => state.length > 0,
  'wrong-mode': (state) => state.length > 0,
  'sleep-in-atomic': (state) => state.length > 0,
  'fault-under-lock': (state) => state.length > 0,
};

describe('the trace of every fixture is a path of the lock-state engine', () => {
  for (const fixture of fixtures('rules')) {
    if (fixture.expected.length === 0) continue;
    it(fixture.path, async () => {
      const { findings } = await reviewFiles(
        [{ path: fixture.path, text: fixture.text }],
        null,
        DEFAULT_OPTIONS,
        await testParser(),
      );
      for (const finding of findings) {
        // Write locks of VMAs end with the mmap_lock, and a hold from before the function is not taken by a step.
        if (/vma_start_write|__must_hold/.test(fixture.text)) continue;
        let state: LockState<string> = [];
        const said = finding.trace.map((step) => `${step.kind} ${step.message} [${step.held}]`).join('\n');
        for (const step of finding.trace.slice(0, -1)) {
          const operation = operationOf(step);
          if (step.kind === 'acquire' && operation?.takes) {
            state = acquire(state, { key: operation.name, ...operation, site: step.line }).state;
          } else if (step.kind === 'release' && operation && !operation.takes) {
            // Under another name it is known by its field; what nothing here holds is the caller's.
            const alias = state.findLast((held) => fieldOf(held.key) === fieldOf(operation.name));
            const key = state.some((held) => held.key === operation.name) ? operation.name : alias?.key;
            if (key !== undefined) state = release(state, key, operation.kind, 'any').state;
          }
          if (step.held !== null && (step.kind === 'acquire' || step.kind === 'release'))
            expect(count(state), said).toBe(shown(step.held));
        }
        expect(finding.trace.at(-1)!.kind, said).toBe('violation');
        const holds = ENDS[finding.rule];
        if (holds) expect(holds(state), said).toBe(true);
      }
    });
  }
});
