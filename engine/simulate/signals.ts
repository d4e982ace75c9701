/** What operations and models return besides their result. */

/** The operation waits; it is tried again, from the start, when the task has been made runnable. */
export const BLOCK = -1;
/** The task's first function has returned. */
export const EXIT = -2;
/** Something is wrong; `Machine.violation` says what. */
export const FAIL = -3;
/** A model's result that stands for `BLOCK` or `FAIL`. No C value is a fraction. */
export const NO_RESULT = -0.5;

/** Cells at the start of each task's block. */
export const PC = 0;
export const FP = 1;
export const STATUS = 2;
/** The cell of the lock or flag that is waited for, plus one. */
export const WAIT = 3;
/** Set by who ends the wait: 2 × the result that the operation is to have + 1; 0 before. */
export const RESUMED = 4;
/** Depth of RCU read-side critical sections. */
export const RCU = 5;
/** Depth of spinlocks, preemption, interrupts and bottom halves off. */
export const ATOMIC = 6;
/** As `current->__state`: 0 running, 1 asleep whatever comes, 2 asleep until a fatal signal. */
export const TASK_STATE = 7;
/** 1 once a fatal signal is pending. */
export const SIGNAL = 8;
export const HEADER = 10;

export const READY = 0;
export const WAITING = 1;
export const ASLEEP = 2;
export const EXITED = 3;
