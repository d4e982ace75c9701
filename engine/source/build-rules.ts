/** Which configuration symbol a Makefile builds an object for. */

/** One mention of an object in a Makefile. */
export interface BuildRule {
  /** The symbol that must be set, with `CONFIG_`; null where the object is built whenever the list is used. */
  readonly symbol: string | null;
  /** A later `:=` to the same list takes the object out again where this symbol is set. */
  readonly unless: string | null;
}

interface Assignment {
  /** `obj` of `obj-$(CONFIG_X)`, `mmu` of `mmu-y`. */
  readonly list: string;
  readonly symbol: string | null;
  readonly appends: boolean;
  readonly objects: readonly string[];
}

/**
 * The rules of a Makefile for one object, such as `memory.o`; empty where it is not mentioned, or where its
 * list could not be read (`ifdef` around it): then nothing is known.
 * @param object the object's file name, without a folder.
 */
export function buildRules(makefile: string, object: string): readonly BuildRule[] {
  const found: BuildRule[] = [];
  const all = assignments(makefile);
  for (const [at, one] of all.entries()) {
    if (!one.objects.includes(object)) continue;
    // `mmu-y := nommu.o`, then `mmu-$(CONFIG_MMU) := memory.o`: with the symbol, the second is the whole list.
    const replaced = all
      .slice(at + 1)
      .find((later) => later.list === one.list && !later.appends && later.symbol !== null);
    // `driver-y := main.o` is a part of `driver.o`, and built when that is.
    const whole = all.find((other) => other.list === 'obj' && other.objects.includes(`${one.list}.o`));
    found.push({ symbol: one.symbol ?? whole?.symbol ?? null, unless: replaced?.symbol ?? null });
  }
  return found;
}

function assignments(makefile: string): readonly Assignment[] {
  const text = makefile.replace(/\\\n/g, ' ').replace(/#.*$/gm, '');
  const found: Assignment[] = [];
  for (const match of text.matchAll(/^[ \t]*([\w-]+)-(y|objs|\$\((CONFIG_\w+)\))[ \t]*(\+?|:)=(.*)$/gm)) {
    found.push({
      list: match[1]!,
      symbol: match[3] ?? null,
      appends: match[4] === '+',
      objects: match[5]!.trim().split(/\s+/),
    });
  }
  return found;
}
