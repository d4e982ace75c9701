import { visible, visibleLine } from '../../engine/report/visible.ts';
import type { Explained } from './questions.ts';
import { say } from './texts.ts';

/**
 * An explanation as Markdown. What comes from the document or the tree stands in code, or is escaped: none of it can
 * be a link, a picture or markup.
 * @param fileUri the URI of a file of the tree, or null
 */
export function hoverText(
  { explanation, entry }: Explained,
  fileUri: (path: string) => string | null,
): string {
  const link = (path: string, line?: number) => {
    const uri = fileUri(path);
    const text = line === undefined ? path : `${path}:${line}`;
    return uri === null
      ? escaped(text)
      : `[${escaped(text)}](<${uri}${line === undefined ? '' : `#L${line}`}>)`;
  };
  switch (explanation.kind) {
    case 'call': {
      const { name, contract, derived, before, after, config, source } = explanation;
      const lines: string[] = [];
      if (contract !== null) {
        const [head = name, ...facts] = contract.split('\n').map((line) => line.trim());
        lines.push(`**${code(head)}**`, '');
        for (const fact of facts) if (!fact.startsWith('source: ')) lines.push(`- ${escaped(fact)}`);
      } else {
        lines.push(`**${code(`${name}()`)}**`, '');
        lines.push(
          `- ${derived === null || derived === '' ? say('leaves the locks as they are') : code(derived)}`,
        );
      }
      lines.push('', ...stateLines(before, after, config));
      if (source !== null && /^[\w./-]+$/.test(source))
        lines.push('', say('Contract from {0}', link(source)));
      return lines.join('\n');
    }
    case 'value': {
      const { name, type, can, config } = explanation;
      const only = onlyWith(config);
      const head = code(`${type}${type.endsWith('*') ? '' : ' '}${name}`);
      if (can.length === 0) return `${head}\n\n${say('Nothing is known of it here.')}${only}`;
      if (can.length === 1) return `${head}\n\n${say('Here: {0}.', escaped(can[0]!))}${only}`;
      return [head, '', `${say('Here one of:')}${only}`, '', ...can.map((one) => `- ${escaped(one)}`)].join(
        '\n',
      );
    }
    case 'symbol': {
      const { symbol, isRemoved, fixed, changes } = explanation;
      const lines = [`**${code(symbol)}**`, ''];
      if (isRemoved) lines.push(say('The series removes it: nothing can set it any more.'), '');
      else if (fixed !== null) lines.push(say('Held at {0} by the settings.', fixed), '');
      if (entry !== null) lines.push(link(entry.file, entry.line), '', ...block('kconfig', entry.text), '');
      if (changes.length === 0)
        lines.push(say('It changes nothing about the locks of the functions shown here.'));
      for (const { function: name, on, off } of changes)
        lines.push(
          `- ${code(`${name}()`)}`,
          `  - ${say('on: {0}', locksOf(on))}`,
          `  - ${say('off: {0}', locksOf(off))}`,
        );
      return lines.join('\n').trim();
    }
  }
}

function stateLines(before: string | null, after: string | null, config: string): string[] {
  if (before === null) return [say('No path comes by here.')];
  const only = onlyWith(config);
  if (after === null)
    return [`${say('Before: {0}', code(before))}${only}  `, say('No path goes on from here.')];
  if (before === after) return [`${say('Held here: {0}', code(before))}${only}`];
  return [`${say('Before: {0}', code(before))}${only}  `, say('After: {0}', code(after))];
}

/** For which configuration that is so, where not for all. */
function onlyWith(config: string): string {
  return config === '' ? '' : ` ${say('(with {0})', config)}`;
}

function locksOf(text: string): string {
  return text === '' ? say('takes no locks') : escaped(text);
}

/** A code span, whatever is in it. */
function code(text: string): string {
  const shown = visibleLine(text);
  const fence = fenceFor(shown, 1);
  // What begins or ends with a backtick would lengthen the fence.
  const gap = fence.length > 1 ? ' ' : '';
  return `${fence}${gap}${shown}${gap}${fence}`;
}

/** A block of code, whatever is in it. */
function block(language: string, text: string): string[] {
  const fence = fenceFor(text, 3);
  return [`${fence}${language}`, visible(text), fence];
}

/** More backticks than the text has anywhere in a row. */
function fenceFor(text: string, least: number): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return '`'.repeat(Math.max(least, longest + 1));
}

/** Text that Markdown takes as it is: no markup, and no address that would become a link by itself. */
function escaped(text: string): string {
  return visibleLine(text)
    .replaceAll(/[\\`*_{}[\]<>#|!&~@]/g, '\\$&')
    .replaceAll(/:(?=\/\/)|(?<=www)\./gi, '\\$&');
}
