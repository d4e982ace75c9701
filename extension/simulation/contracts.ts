import { describeContract } from '../../engine/protocol/index.ts';
import type { Move, Program } from '../../engine/simulate/index.ts';

/**
 * What the contracts say of the functions that are called on the lines of lock operations, by name.
 * @param told names that have been told before; new ones are added
 */
export function contractsIn(
  program: Program,
  moves: readonly Move[],
  told: Set<string>,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { step } of moves) {
    if (!step.isLockOperation) continue;
    for (const [, name = ''] of step.place.text.matchAll(/\b([A-Za-z_]\w*)\s*\(/g)) {
      if (told.has(name)) continue;
      told.add(name);
      const contract = program.linker.contract(name);
      if (contract !== null) found[name] = describeContract(contract);
    }
  }
  return found;
}
