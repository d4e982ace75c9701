/** Short forms for the rows of `callback-*.ts`. */
import type { CallbackMember, CallContext, EntryHold } from './callback.ts';
import type { LockKind, LockRef, Mode } from './contract.ts';

export const hold = (lock: LockRef, kind: LockKind, ...modes: Mode[]): EntryHold => ({
  lock,
  kind,
  modes: modes.length === 0 ? ['W'] : modes,
});

export function group(
  ops: string,
  source: string,
  context: CallContext,
  held: readonly EntryHold[],
  members: readonly string[],
  more: Partial<Pick<CallbackMember, 'releases' | 'takes' | 'outcomes'>> = {},
): CallbackMember[] {
  return members.map((member) => ({ ops, member, context, held, ...more, source }));
}
