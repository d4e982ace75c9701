/** What the machine is told of its tasks and their code, and what it tells of what they do. */

export interface TaskStart {
  readonly name: string;
  readonly entry: number;
  readonly args: readonly number[];
  readonly frame: number;
  /** The task's `struct task_struct`. */
  readonly current: number;
  /** A task that need not end, and that no-one waits for. */
  readonly daemon?: boolean;
}

export interface OpInfo {
  /** Function whose code it is, as an index into the program's list. */
  readonly fn: number;
  /** Offset in that function's file. */
  readonly at: number;
}

/** What is known of a function's registers at one of its operations. */
export interface FrameShapes {
  /** Those that no operation from there on reads before it writes them. */
  dead(pc: number): Int16Array;
  /** How many it has. */
  size(pc: number): number;
}

/** A lock that is not held and should be. */
export interface Lacking {
  readonly kind: 'rcu' | 'vma' | 'lock';
  /** The VMA or the lock; 0 for RCU. */
  readonly pointer: number;
  readonly write: boolean;
}

/** What an observer is told while a schedule is replayed. */
export interface Observer {
  access?(task: number, cell: number, write: boolean, value: number, old: number): void;
  /** After an operation that touched shared memory or a lock. */
  operation?(task: number, pc: number): void;
  note?(task: number, text: string): void;
  /** A reader of a scenario reports an address range. */
  report?(task: number, start: number, end: number): void;
  /** A lookup in the VMA tree has come upon a VMA with this entry. The end is exclusive. */
  found?(task: number, start: number, end: number, vma: number): void;
}
