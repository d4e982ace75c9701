/**
 * The machine: tasks over one shared memory. It makes moves that it is told to make and chooses nothing itself.
 *
 * A step of a task is one visible operation — an access to memory that other tasks use too, or an operation on a lock
 * that they use — with the invisible work before and after it.
 */
import { LockTable } from './locks.ts';
import { Memory, OutOfMemory, POINTER } from './memory.ts';
import {
  type ASLEEP,
  ATOMIC,
  BLOCK,
  EXIT,
  EXITED,
  FAIL,
  FP,
  HEADER,
  NO_RESULT,
  PC,
  RCU,
  READY,
  RESUMED,
  STATUS,
  WAIT,
  WAITING,
} from './signals.ts';
import type { FrameShapes, Lacking, Observer, OpInfo, TaskStart } from './task.ts';
import { Touches } from './touches.ts';
import type { Violation, ViolationKind } from './verdict.ts';

/** One operation of compiled code: does its work, and returns the index of the next one or a signal below 0. */
export type Op = (m: Machine) => number;

/** Cells of a task: its own fields, and the frames of the functions that it is in. */
export const STACK_CELLS = 3000;
const MAX_DEPTH_CELLS = STACK_CELLS - 200;
/** Operations in one step after which a task is taken to loop without end. */
const STEP_FUEL = 20_000;
/** From here on the cells that it touches are noted. */
const LATE = 10_000;

export class Machine {
  readonly memory = new Memory();
  readonly locks: LockTable;
  ops: Op[] = [];
  opInfo: OpInfo[] = [];
  tasks: TaskStart[] = [];
  readonly bases: number[] = [];

  /** The task that moves. */
  current = -1;
  fp = 0;
  violation: Violation | null = null;
  /** The lock for want of which it is one. */
  lacking: Lacking | null = null;
  observer: Observer | null = null;
  /** Told of each lock that a task gets, while contracts are derived. */
  taking: ((kind: Lacking['kind'], pointer: number) => void) | null = null;
  /** Called before each operation, for one that is taken back, and at the end of a step, with −1 for the operation. */
  watch: ((isTakenBack: boolean, pc: number) => void) | null = null;

  /** Set while a search has put the machine into a state that no undoing leads back from: the way to the beginning. */
  wayBack: (() => void) | null = null;

  /** Choices to take in this step, and those taken. */
  #given: readonly number[] = [];
  readonly taken: number[] = [];
  readonly offered: number[] = [];

  readonly touches = new Touches(this.memory);
  /** Operations of the step on shared memory: the moves of a schedule. */
  moves = 0;
  /** Operations that the step may still make. */
  #fuel = 0;
  /** Set by the linker. */
  frames: FrameShapes = { dead: () => new Int16Array(0), size: () => 0 };
  /** What user memory holds, by the name of the variable (and field) that it is copied to. */
  readonly userData = new Map<string, number>();
  /** What was taken for granted, in sentences. */
  readonly assumed = new Set<string>();
  /** Called where a task's outermost RCU section ends, and where it lets go of an `mmap_lock`. */
  readonly unprotected: ((m: Machine, task: number) => void)[] = [];

  constructor() {
    this.locks = new LockTable(this);
  }

  // --- Tasks ---------------------------------------------------------------------------------------------------

  /** Adds a task; only before the first step. */
  addTask(start: TaskStart): void {
    const { memory } = this;
    const base = memory.count;
    for (let i = 0; i < STACK_CELLS; i++) memory.newCell(-1);
    this.bases.push(base);
    this.tasks.push(start);
    const fp = base + HEADER;
    memory.put(base + PC, start.entry);
    memory.put(base + FP, fp);
    memory.put(fp, -1);
    memory.put(fp + 1, 0);
    memory.put(fp + 2, 0);
    for (const [i, arg] of start.args.entries()) memory.put(fp + 3 + i, arg);
  }

  status(task: number): number {
    return this.memory.get(this.bases[task]! + STATUS);
  }

  isEnabled(task: number): boolean {
    return this.memory.get(this.bases[task]! + STATUS) === READY;
  }

  hasEnded(task: number): boolean {
    return this.status(task) === EXITED;
  }

  field(task: number, field: number): number {
    return this.memory.get(this.bases[task]! + field);
  }

  setField(task: number, field: number, value: number): void {
    this.memory.set(this.bases[task]! + field, value);
  }

  addField(task: number, field: number, change: number): void {
    this.setField(task, field, this.field(task, field) + change);
  }

  // --- Steps ---------------------------------------------------------------------------------------------------

  /** Back to where everything begins. */
  restart(): void {
    this.wayBack?.();
    this.memory.undo(0);
    this.violation = null;
  }

  /**
   * Makes one step of a task, which must be enabled. @param choices results to choose where several are possible;
   * those beyond are 0. @param moves where to stop: after so many operations on shared memory, whatever is visible
   * (for replay); 0 for a step as described above.
   * @returns false where something went wrong: see `violation`.
   */
  step(task: number, choices: readonly number[], moves = 0): boolean {
    const { memory, touches } = this;
    const base = this.bases[task]!;
    this.current = task;
    this.#given = choices;
    if (this.taken.length > 0) {
      this.taken.length = 0;
      this.offered.length = 0;
    }
    touches.beginStep();
    this.moves = 0;
    this.violation = null;
    this.lacking = null;
    let pc = memory.get(base + PC);
    this.fp = memory.get(base + FP);
    let visibleSeen = false;
    this.#fuel = STEP_FUEL;
    for (;;) {
      const mark = memory.logLength;
      const touchMark = touches.count;
      const choiceMark = this.taken.length;
      const fpMark = this.fp;
      touches.beginOperation();
      this.watch?.(false, pc);
      const next = this.#run(pc);
      if (
        (touches.isVisible && visibleSeen && moves === 0) ||
        (touches.isShared && moves > 0 && this.moves === moves)
      ) {
        memory.undo(mark);
        this.watch?.(true, pc);
        touches.count = touchMark;
        if (this.taken.length > choiceMark) {
          this.taken.length = choiceMark;
          this.offered.length = choiceMark;
        }
        this.fp = fpMark;
        this.violation = null;
        this.lacking = null;
        break;
      }
      if (touches.isVisible) visibleSeen = true;
      if (touches.isShared) {
        this.moves++;
        this.observer?.operation?.(task, pc);
      }
      if (next >= 0) {
        pc = next;
        if (--this.#fuel === 0) {
          touches.showRecent();
          this.fail('no-progress', 'loops without reaching anything that another task could change');
          break;
        }
        continue;
      }
      if (next === BLOCK) break;
      if (next === EXIT) {
        memory.set(base + STATUS, EXITED);
        this.locks.checkExit(task);
        if (this.violation !== null) this.violation = { ...(this.violation as Violation), pc };
        pc = 0;
        break;
      }
      break;
    }
    memory.set(base + PC, pc);
    memory.set(base + FP, this.fp);
    const { violation } = this;
    if (violation === null) {
      if (memory.get(base + STATUS) !== EXITED) this.clean(pc, this.fp);
    } else if (violation.pc < 0) this.violation = { ...violation, pc };
    this.watch?.(false, -1);
    memory.settle();
    return violation === null;
  }

  /** Clears the registers of a frame that no longer matter at an operation, so that equal states are equal. */
  clean(pc: number, fp: number): void {
    const { memory } = this;
    const dead = this.frames.dead(pc);
    for (let i = 0; i < dead.length; i++) {
      const cell = fp + dead[i]!;
      if (memory.get(cell) !== 0) memory.set(cell, 0);
    }
  }

  #run(pc: number): number {
    try {
      return this.ops[pc]!(this);
    } catch (error) {
      if (error instanceof OutOfMemory) return this.fail('unrunnable', error.message);
      throw error;
    }
  }

  /** Pushes a frame. */
  enter(frame: number, returnPc: number, returnTo: number): boolean {
    const memory = this.memory;
    const base = this.bases[this.current]!;
    if (frame - base > MAX_DEPTH_CELLS) {
      this.fail('unrunnable', 'calls are nested too deep: the function calls itself, or its callees do');
      return false;
    }
    memory.set(frame, returnPc);
    memory.set(frame + 1, this.fp);
    memory.set(frame + 2, returnTo);
    this.fp = frame;
    return true;
  }

  // --- For operations and models -------------------------------------------------------------------------------

  /** Notes an access to shared memory. */
  touch(cell: number, write: boolean): void {
    this.touches.note(cell, write, this.current, this.#fuel < LATE);
  }

  /** Reads a shared cell. */
  read(cell: number): number {
    this.touch(cell, false);
    const value = this.memory.get(cell);
    this.observer?.access?.(this.current, cell, false, value, value);
    return value;
  }

  /** Writes a shared cell. */
  write(cell: number, value: number): void {
    this.touch(cell, true);
    const old = this.memory.get(cell);
    this.memory.set(cell, value);
    this.observer?.access?.(this.current, cell, true, value, old);
  }

  /** One of `count` results, as the schedule has it. */
  choose(count: number, what: string): number {
    const at = this.taken.length;
    const choice = Math.min(this.#given[at] ?? 0, count - 1);
    this.taken.push(choice);
    this.offered.push(count);
    if (count > 1) {
      // A step in which something is chosen begins with it: so the choices that a step offers do not depend on them.
      this.touches.isShared = true;
      this.touches.isVisible = true;
    }
    if (count > 1) this.observer?.note?.(this.current, `${what}: ${choice + 1} of ${count}`);
    return choice;
  }

  /** @returns FAIL, for operations to return. */
  fail(kind: ViolationKind, message: string): typeof FAIL {
    this.violation ??= { kind, message, task: this.current, pc: -1, cycle: [] };
    return FAIL;
  }

  /** As `fail()`, for models. */
  failResult(kind: ViolationKind, message: string): number {
    this.fail(kind, message);
    return NO_RESULT;
  }

  /** As `failResult()`, where a lock is not held. */
  failWithout(lacking: Lacking | null, kind: ViolationKind, message: string): number {
    if (this.violation === null) this.lacking = lacking;
    return this.failResult(kind, message);
  }

  /** Makes the task wait; what it waits for makes it go on by `wake()`. For models. */
  wait(cell: number, status: typeof WAITING | typeof ASLEEP = WAITING): number {
    this.setField(this.current, STATUS, status);
    this.setField(this.current, WAIT, cell + 1);
    return NO_RESULT;
  }

  wake(task: number, result = 0): void {
    this.setField(task, STATUS, READY);
    this.setField(task, WAIT, 0);
    this.setField(task, RESUMED, 2 * result + 1);
  }

  /** Where a wait of the current operation has ended: its result, which is then forgotten; else null. */
  resumed(): number | null {
    const value = this.field(this.current, RESUMED);
    if (value === 0) return null;
    this.setField(this.current, RESUMED, 0);
    return (value - 1) / 2;
  }

  /** True inside an RCU section, under a spinlock, or with preemption off. */
  isAtomic(): boolean {
    const base = this.bases[this.current]!;
    return this.memory.get(base + RCU) !== 0 || this.memory.get(base + ATOMIC) !== 0;
  }

  /** True, and a violation, where the task must not sleep. */
  mustNotSleep(what: string): boolean {
    const rcu = this.field(this.current, RCU);
    const atomic = this.field(this.current, ATOMIC);
    if (rcu === 0 && atomic === 0) return false;
    const where =
      atomic > 0 ? 'with a spinlock held or preemption off' : 'inside an RCU read-side critical section';
    this.fail('sleep-in-atomic', `${what} may sleep, and is called ${where}`);
    return true;
  }

  /** True for a pointer to an object that cannot be freed, or is not; looking at the latter is part of the step. */
  isLive(pointer: number): boolean {
    const object = this.memory.objectOf(pointer);
    if (object === null) return false;
    if (object.life < 0) return true;
    if (this.memory.get(object.life) !== 0) return false;
    this.touch(object.life, false);
    return true;
  }

  /** A pointer that is followed: false, and a violation, where there is nothing behind it. */
  canFollow(pointer: number, what: string): boolean {
    const object = this.memory.objectOf(pointer);
    if (object === null) {
      const kind = pointer < 0 && pointer >= -4095 ? 'error-pointer' : 'null';
      if (pointer >= 0 && pointer < 0x10000) this.fail('null-dereference', `NULL is followed: ${what}`);
      else if (kind === 'error-pointer') {
        this.fail('error-pointer', `the error pointer ${pointer} is followed: ${what}`);
      } else this.fail('wild-pointer', `a number that is not a pointer is followed: ${what}`);
      return false;
    }
    if (object.life >= 0) {
      const life = this.memory.get(object.life);
      if (life !== 0) {
        this.touch(object.life, false);
        if (life === 2 || this.field(this.current, RCU) === 0) {
          this.fail('use-after-free', `${object.name} has been freed and is used: ${what}`);
          return false;
        }
      } else this.touch(object.life, false);
    }
    return true;
  }

  /** Reads a cell of an object; a step for others only where the object is not on the task's own stack. */
  readAny(pointer: number, cell: number): number {
    const own = this.memory.objectOf(pointer)?.task === this.current;
    return own ? this.memory.get(cell) : this.read(cell);
  }

  writeAny(pointer: number, cell: number, value: number): void {
    if (this.memory.objectOf(pointer)?.task === this.current) this.memory.set(cell, value);
    else this.write(cell, value);
  }

  /** The value of a field, for models: `peek` it without a step, where it is the model's own business. */
  peek(pointer: number, field: string): number {
    return this.memory.get(this.memory.cell(this.memory.member(pointer, field)));
  }

  poke(pointer: number, field: string, value: number): void {
    this.memory.set(this.memory.cell(this.memory.member(pointer, field)), value);
  }

  /** Reads a field of an object; part of the step. */
  load(pointer: number, field: string): number {
    return this.readAny(pointer, this.memory.cell(this.memory.member(pointer, field)));
  }

  storeAt(pointer: number, value: number): void {
    this.writeAny(pointer, this.memory.cell(pointer), value);
  }

  loadAt(pointer: number): number {
    return this.readAny(pointer, this.memory.cell(pointer));
  }

  store(pointer: number, field: string, value: number): void {
    this.storeAt(this.memory.member(pointer, field), value);
  }

  isPointer(value: number): boolean {
    return value >= POINTER;
  }
}
