/** `lock-review merge`: the SARIF reports of a sharded run, as one. */
import { resolve } from 'node:path';
import { mergeSarif } from '../../engine/report/index.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';
import { EXIT, type ExitStatus, type Host, UserError } from './host.ts';
import { writeReport } from './output.ts';
import { readTextFile } from './read-input.ts';

export const MERGE_OPTIONS: OptionSpecs = {
  output: { takes: 'value', short: 'o' },
  help: { takes: 'flag', short: 'h' },
};

export async function merge(args: Arguments, host: Host): Promise<ExitStatus> {
  if (args.positionals.length === 0) {
    throw new UserError('nothing to merge: expected a FILE', "see 'lock-review merge --help'");
  }
  const parts = args.positionals.map((name) => {
    const read = readTextFile(resolve(host.cwd, name));
    if (read.problem !== null) throw new UserError(`${name}: ${read.problem}`);
    return { name, text: read.text };
  });
  const merged = mergeSarif(parts);
  if (merged.problem !== null) throw new UserError(merged.problem);
  await writeReport(host, args.value('output'), merged.text);
  return EXIT.clean;
}
