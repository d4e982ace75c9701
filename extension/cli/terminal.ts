/** What the output may look like. */
import type { Host } from './host.ts';

/**
 * https://no-color.org: NO_COLOR, if not empty, turns colour off; asking for it on the command line wins.
 * @param output the file that is written to instead of standard output, or null.
 */
export function wantsColor(when: 'auto' | 'always' | 'never', output: string | null, host: Host): boolean {
  if (when !== 'auto') return when === 'always';
  const { NO_COLOR, TERM } = host.env;
  const allowed = (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
  return output === null && host.stdout.isTerminal && allowed;
}
