/** Code and patches of any length, for measuring: functions that lock, branch, and unlock. */
const FUNCTIONS_PER_FILE = 100;

const nameOf = (file: number) => `mm/generated${file}.c`;

function functionOf(at: number): string {
  return [
    `static int generated_${at}(struct thing *thing, int flags)`,
    '{',
    '\tint error = 0;',
    '',
    '\tmutex_lock(&thing->lock);',
    '\tif (flags & 1) {',
    `\t\terror = prepare(thing);`,
    '\t\tif (error)',
    '\t\t\tgoto out;',
    '\t}',
    '\tfor (int i = 0; i < thing->count; i++)',
    `\t\tthing->sum += step(thing, i);`,
    'out:',
    '\tmutex_unlock(&thing->lock);',
    '\treturn error;',
    '}',
    '',
  ].join('\n');
}

/** Files of a hundred functions each, by path. */
export function changedTree(functions: number): Map<string, string> {
  const files = new Map<string, string>([
    ['Makefile', 'VERSION = 7\nPATCHLEVEL = 2\nSUBLEVEL = 0\nEXTRAVERSION =\n'],
    ['include/linux/lockdep.h', '\n'],
  ]);
  for (let at = 0; at < functions; at += FUNCTIONS_PER_FILE) {
    const text = Array.from({ length: Math.min(FUNCTIONS_PER_FILE, functions - at) }, (_, i) =>
      functionOf(at + i),
    );
    files.set(nameOf(at / FUNCTIONS_PER_FILE), text.join(''));
  }
  return files;
}

/** A patch of some 25 lines for each of the first `functions` functions: a return that forgets the lock. */
export function seriesOf(functions: number): string {
  let text = '';
  for (let at = 0; at < functions; at++) {
    const within = at % FUNCTIONS_PER_FILE;
    if (within === 0) {
      const name = nameOf(at / FUNCTIONS_PER_FILE);
      text += `diff --git a/${name} b/${name}\n--- a/${name}\n+++ b/${name}\n`;
    }
    const lines = functionOf(at).split('\n');
    const start = within * (lines.length - 1) + 1;
    text += `@@ -${start},16 +${start},16 @@\n`;
    text += lines
      .slice(0, -1)
      .map((line) => (line === '\t\t\tgoto out;' ? `-${line}\n+\t\t\treturn error;` : ` ${line}`))
      .join('\n');
    text += '\n';
  }
  return text;
}

/** The text with one function changed, another one each round. */
export function editOf(text: string, round: number): string {
  const functions = text.split('\n}\n');
  const at = Math.floor(functions.length / 2);
  functions[at] = `${functions[at]}\n\tthing->edited = ${round};`;
  return functions.join('\n}\n');
}
