/** Members of structures of operations: their context and the locks held around them. */

import type { CallbackMember } from './callback.ts';
import { DRIVER_MEMBERS } from './callback-drivers.ts';
import { FS_MEMBERS } from './callback-fs.ts';

export const MEMBERS: readonly CallbackMember[] = [...FS_MEMBERS, ...DRIVER_MEMBERS];
