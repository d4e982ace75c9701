import type { CodeLens } from 'vscode-languageserver';
import type { InspectedFunction } from '../../engine/review/index.ts';
import type { ReviewFinding } from '../../engine/review/review.ts';
import type { Commands } from './messages.ts';
import { say } from './texts.ts';

/**
 * A lens for each function that has findings or does something with locks: how many findings, what it does, and
 * the way into the simulator.
 * @param findings those that are shown
 * @param commands what the editor can run; without it the lenses are text only
 */
export function lensesOf(
  uri: string,
  functions: readonly InspectedFunction[],
  findings: readonly ReviewFinding[],
  commands: Commands | null,
): CodeLens[] {
  return functions.flatMap((one) => {
    const own = findings.filter((finding) => finding.function === one.name && finding.file === one.file);
    if (own.length === 0 && !one.isChanged) return [];
    if (own.length === 0 && one.locks === '' && one.otherwise.length === 0) return [];
    const line = one.shownAt - 1;
    const range = { start: { line, character: 0 }, end: { line, character: 0 } };
    const lens = (title: string, command?: string, ...args: unknown[]): CodeLens => ({
      range,
      command: { title, command: command ?? '', ...(args.length > 0 ? { arguments: args } : {}) },
    });
    const lenses: CodeLens[] = [];
    const target = { uri, function: one.name };
    if (own.length > 0) {
      const count = own.length === 1 ? say('1 finding') : say('{0} findings', own.length);
      lenses.push(lens(count, commands?.showFindings, { ...target, fingerprint: own[0]!.fingerprint }));
    }
    const locks = [one.locks === '' ? say('takes no locks') : one.locks, ...configurationsOf(one)].join(' ');
    lenses.push(lens(locks, commands?.compareFunction, { ...target, file: one.file }));
    if (commands) lenses.push(lens(say('Simulate'), commands.simulateFunction, target));
    return lenses;
  });
}

/** That it is otherwise under other configurations: which symbols decide, not what; the hover of each says that. */
function configurationsOf({ otherwise }: InspectedFunction): string[] {
  const symbols = new Set(
    otherwise.flatMap(({ config }) => config.split(', ').map((pair) => pair.split('=')[0] ?? '')),
  );
  return symbols.size === 0 ? [] : [say('(other with {0})', [...symbols].sort().join(', '))];
}
