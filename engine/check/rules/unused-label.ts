/** An unwind label that nothing jumps to any more. */
import { EMPTY_STATE } from '../path-state.ts';
import type { Rule } from '../rule.ts';

export const unusedLabel: Rule = {
  id: 'unused-label',
  level: 'warning',
  doc: {
    what: 'An unwind label that nothing jumps to any more.',
    why: 'The compiler warns, and the step that the label was for may now be missing from an error path.',
    advice: 'Remove the label, or jump to it again where its clean-up is still needed.',
    bad: `	if (ret)
		return ret;
	return 0;
err_free:
	kfree(p);
	return ret;`,
    good: `	if (ret)
		goto err_free;
	return 0;
err_free:
	kfree(p);
	return ret;`,
  },
  function(context) {
    const { walk, definition } = context;
    const { unit, fn } = definition;
    // Where a jump goes is computed, and macros may make the names of the labels.
    if (/\bgoto\s*\*|&&\s*[A-Za-z_]\w*\s*[,}\]]/.test(unit.text.slice(fn.bodyAt, fn.end))) return;
    for (const label of walk.ir.labels) {
      if (label.uses > 0 || isNamed(unit.text.slice(fn.bodyAt, fn.end), label.name)) continue;
      const [first] = walk.exits;
      context.report({
        at: label.at,
        end: label.at + label.name.length,
        message: `nothing in ${fn.name}() jumps to the label '${label.name}'`,
        why: 'The compiler warns about it, and the clean-up behind it may be missing from an error path.',
        advice: 'Remove the label, or jump to it again where its clean-up is still needed.',
        state: EMPTY_STATE,
        last: first ? `'${label.name}' is only reached from above` : `'${label.name}' is not reached`,
        lock: -1,
        lockName: label.name,
        shape: 'label',
        fix: {
          title: `Remove the label '${label.name}'`,
          edits: [
            {
              file: unit.path,
              at: unit.lineStart(unit.position(label.at).line),
              end: endOfLine(unit.text, label.at),
              text: '',
            },
          ],
        },
      });
    }
  },
};

/** True where the text has a label that no `goto` in it names: worth a closer look. */
export function hasIdleLabel(text: string): boolean {
  for (const [, name] of text.matchAll(/^[ \t]*([A-Za-z_]\w*)[ \t]*:(?!:)/gm)) {
    if (name !== 'default' && !isNamed(text, name!)) return true;
  }
  return false;
}

/** True where some `goto` or `&&` in the text names the label, in whatever configuration. */
function isNamed(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (/\w/.test(text[at + name.length] ?? '')) continue;
    const before = text.slice(Math.max(0, at - 40), at);
    if (/(\bgoto\s+|&&\s*)$/.test(before)) return true;
  }
  return false;
}

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}
