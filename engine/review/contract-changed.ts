/** `contract-changed`: callers that the series does not touch, and that leave their locks otherwise than before. */
import { contractChanged, type Definition, type Finding, type Program } from '../check/index.ts';
import type { ImageSet } from '../source/index.ts';
import { counterpart, lockEffect } from './lock-effect.ts';
import type { Scope } from './targets.ts';

/**
 * @param introduced what is reported of the code after the series in any case: a caller that is among it needs no
 * second word.
 */
export function contractFindings(
  after: Program,
  before: Program,
  scope: Scope,
  images: ImageSet,
  introduced: readonly Finding[],
): readonly Finding[] {
  const changed = new Map<string, { readonly now: Definition; readonly was: string; readonly is: string }>();
  for (const one of scope.after) {
    if (!isTouched(images, one)) continue;
    const was = lockEffect(before, counterpart(scope.before, one));
    const is = lockEffect(after, one);
    // A new function has no old contract.
    if (was !== is && counterpart(scope.before, one)) changed.set(one.fn.name, { now: one, was, is });
  }
  if (changed.size === 0) return [];
  return scope.after.flatMap((caller): readonly Finding[] => {
    if (isTouched(images, caller)) return [];
    const called = caller.fn.calls.find((name) => changed.has(name));
    if (called === undefined) return [];
    const { now, was, is } = changed.get(called)!;
    // Balanced before, and not any more: it counts on what the function did.
    if (!counterpart(scope.before, caller)) return [];
    if (lockEffect(before, counterpart(scope.before, caller)) !== '') return [];
    if (lockEffect(after, caller) === '') return [];
    if (introduced.some((one) => one.file === caller.unit.path && one.function === caller.fn.name)) return [];
    return [finding(caller, called, now, was, is)];
  });
}

/** True where the series changes a line of the function. */
export function isTouched(images: ImageSet, { unit, fn }: Definition): boolean {
  const image = images.files.find((one) => one.path === unit.path);
  if (!image) return false;
  const first = unit.position(fn.at).line;
  const last = unit.position(fn.end).line;
  return (
    image.changedPostLines.some((range) => range.start <= last && range.end >= first) ||
    image.deletions.some((gap) => gap.after >= first && gap.after < last)
  );
}

function finding({ unit, fn }: Definition, name: string, now: Definition, was: string, is: string): Finding {
  const body = unit.text.slice(fn.bodyAt, fn.end);
  const found = new RegExp(`\\b${name}\\s*\\(`).exec(body);
  const at = unit.position(fn.bodyAt + (found?.index ?? 0));
  const place = { file: unit.path, line: at.line, column: at.column };
  const there = now.unit.position(now.fn.nameAt);
  return {
    rule: contractChanged.id,
    level: contractChanged.level,
    message: `${name}() ${contractText(is)} since this patch, and ${fn.name}() still expects that it ${contractText(was)}`,
    why: contractChanged.doc.why,
    advice: contractChanged.doc.advice,
    ...place,
    endColumn: at.column + name.length,
    function: fn.name,
    config: {},
    trace: [
      {
        file: now.unit.path,
        line: there.line,
        column: there.column,
        message: `${name}() ${contractText(is)}; before, it ${contractText(was)}`,
        kind: 'note',
        held: null,
      },
      { ...place, message: `${fn.name}() calls ${name}() as before`, kind: 'violation', held: null },
    ],
    lock: name,
    shape: `${was} > ${is}`,
  };
}

/** "takes a lock", "gives back a lock" and so on, of an effect as `lockEffect()` spells it. */
function contractText(effect: string): string {
  if (effect === '') return 'leaves the locks as it found them';
  const takes = /\+[^ ]/.test(effect);
  const gives = /-[^ ;]/.test(effect.replace(/\d+: /g, ''));
  const names = [...new Set([...effect.matchAll(/\.(\w+) (?:R|W|D|any)/g)].map((match) => match[1]!))];
  const lock = names.length === 1 ? names[0]! : names.length > 1 ? names.join(' and ') : 'a lock';
  if (takes && gives) return `takes or gives back ${lock}`;
  return takes ? `takes ${lock}` : `gives back ${lock}`;
}
