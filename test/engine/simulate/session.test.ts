import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  explore,
  formatSchedule,
  openSession,
  parseSchedule,
  traceOf,
} from '../../../engine/simulate/index.ts';
import { now, programOf } from './run.ts';

const CROSSED = `
  static DEFINE_MUTEX(first);
  static DEFINE_MUTEX(second);
  static int count;
  int helper(int by) { count += by; return count; }
  void one(void) { int seen; mutex_lock(&first); seen = helper(1); mutex_lock(&second); count = seen; mutex_unlock(&second); mutex_unlock(&first); }
  void two(void) { mutex_lock(&second); mutex_lock(&first); count = sim_choose(3); mutex_unlock(&first); mutex_unlock(&second); }
`;
const crossed = () => programOf(CROSSED, ['one()', 'two()']);

describe('a session', () => {
  it('replays a violation that was found, move by move, with the same trace as the whole', async () => {
    const program = await crossed();
    const verdict = explore(program, { now });
    if (verdict.verdict !== 'violated') throw new Error(verdict.verdict);
    const whole = traceOf(program, verdict.schedule);
    const session = openSession(program);
    expect(session.load(verdict.schedule)).toBeNull();
    expect(session.trace()).toEqual(whole);
    expect(session.moves.at(-1)!.violation).toMatchObject({ kind: 'deadlock' });
    expect(session.tasks().map((task) => task.canMove)).toEqual([false, false]);
  });

  it('is in the same state at a position however it came there', async () => {
    const session = openSession(await crossed());
    fc.assert(
      fc.property(fc.array(fc.record({ task: fc.nat(1), back: fc.nat(4) }), { maxLength: 30 }), (orders) => {
        session.load([]);
        for (const { task, back } of orders) {
          session.move(task);
          if (back === 0) session.seek(session.position >> 1);
        }
        const here = session.position;
        const text = formatSchedule(session.schedule());
        const [state, tasks, frames] = [session.state(), session.tasks(), session.frames(0)];
        session.seek(0);
        expect(session.state()).toEqual(session.before);
        session.seek(here);
        expect([session.state(), session.tasks(), session.frames(0)]).toEqual([state, tasks, frames]);
        expect(session.load(parseSchedule(text).schedule!)).toBeNull();
        expect([session.state(), session.tasks(), session.frames(0)]).toEqual([state, tasks, frames]);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps what lies ahead when it goes back, until another move is made', async () => {
    const session = openSession(await crossed());
    for (let i = 0; i < 4; i++) session.move(0);
    session.back();
    expect([session.position, session.moves.length]).toEqual([3, 4]);
    session.move(1);
    expect([session.position, session.moves.length]).toEqual([4, 4]);
    expect(session.moves.at(-1)!.step.task).toBe(1);
  });

  it('runs a task to its next lock operation, and to a line', async () => {
    const session = openSession(await crossed());
    const [lock] = session.runToLock(0);
    expect(lock!.step).toMatchObject({ isLockOperation: true, place: { function: 'one' } });
    const moves = session.runToLine(0, '<scenario>', 5);
    expect(moves.at(-1)!.next).toMatchObject({ function: 'helper', line: 5 });
    expect(session.tasks()[0]!.place.line).toBe(5);
    // A line that is not on its way: as far as the task gets.
    session.runToLine(0, 'elsewhere.c', 1);
    expect(session.tasks()[0]!.canMove).toBe(false);
  });

  it('shows the calls of a task, with what their variables hold', async () => {
    const session = openSession(await crossed());
    session.runToLock(0);
    session.move(0);
    const frames = session.frames(0);
    expect(frames.map((frame) => frame.place.function)).toEqual(['helper', 'one']);
    expect(frames[0]!.variables).toContainEqual({ name: 'by', value: '1', fields: [] });
  });

  it('offers the results that an operation can have', async () => {
    const session = openSession(await crossed());
    const moves = session.runToLine(1, 'elsewhere.c', 1);
    const at = moves.findIndex((move) => move.choices.length > 0);
    expect(moves[at]!.choices).toEqual([{ taken: 0, of: 3 }]);
    session.seek(at);
    expect(session.move(1, [2])!.choices).toEqual([{ taken: 2, of: 3 }]);
  });

  it('says where a schedule cannot be followed, and stays there', async () => {
    const session = openSession(await crossed());
    expect(session.load(parseSchedule('v1:0.2,7.1').schedule!)).toBe('turn 2: task 7 cannot move');
    expect(session.position).toBe(2);
  });
});
