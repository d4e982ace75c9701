/**
 * Data that lies beside the checkout, not in it: parts of real kernel trees, mail threads and real fixes.
 * Tests that need it run where it is and are left out by name where it is not.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'shared');

/** True where the data is at hand. Use as `describe.runIf(hasShared)('…, needs ../shared', …)`. */
export const hasShared = existsSync(join(root, 'kernel'));

/** An absolute path below the shared data. */
export function shared(...parts: string[]): string {
  return join(root, ...parts);
}
