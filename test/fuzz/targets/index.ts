/** Everything that is fuzzed, by name. */
import type { TargetMaker } from '../target.ts';
import { c } from './c.ts';
import { configuration } from './configuration.ts';
import { kconfig } from './kconfig.ts';
import { languageServer } from './language-server.ts';
import { mail } from './mail.ts';
import { panel } from './panel.ts';
import { patch } from './patch.ts';
import { schedule } from './schedule.ts';

export const TARGETS: Readonly<Record<string, TargetMaker>> = {
  mail,
  patch,
  c,
  kconfig,
  configuration,
  'language-server': languageServer,
  schedule,
  panel,
};
