/** Binding the roles of a scenario to functions, and the C that calls them. */
import type { FunctionSource, SourceUnit } from '../c/index.ts';
import type { RoleSpec } from './scenario.ts';
import type { Definition, UnitIndex } from './units.ts';

export interface Binding {
  readonly role: RoleSpec;
  readonly definition: Definition | null;
  /** The user named it, and it does not look like the role. */
  readonly isForced: boolean;
}

export interface BindResult {
  readonly bindings: readonly Binding[];
  /** What is missing, in a sentence; null where every role has its function. */
  readonly problem: string | null;
}

/**
 * Finds the functions for the roles. @param chosen functions named by the user; the first fills the first role that no
 * structure decides. @param preferred units that the patch touches, looked through before others. @param among the
 * functions that a role may go to which is nobody's partner; null where any may.
 */
export function bindRoles(
  roles: readonly RoleSpec[],
  units: UnitIndex,
  chosen: readonly string[],
  preferred: readonly SourceUnit[],
  among: readonly Definition[] | null = null,
): BindResult {
  const bound = new Map<string, Definition>();
  const forced = new Set<string>();
  const named = chosen.flatMap((name) => {
    const found =
      preferred.map((unit) => units.definition(name, unit)).find((one) => one !== null) ??
      units.definition(name, null) ??
      units.definitions(name)[0];
    return found === undefined || found === null ? [] : [found];
  });
  const left = [...named];
  for (const role of roles) {
    const fits = left.findIndex((one) => matches(role, one, units, bound));
    if (fits >= 0) {
      bound.set(role.name, left[fits]!);
      left.splice(fits, 1);
    }
  }
  // A function that is named by hand need not look like the role it is to play.
  for (const definition of left) {
    const role = roles.find((one) => !bound.has(one.name) && one.match.partnerOf === undefined);
    if (role === undefined) continue;
    bound.set(role.name, definition);
    // A role without any mark takes whatever it is given.
    if (Object.keys(role.match).length > 0) forced.add(role.name);
  }
  for (const role of roles) {
    if (bound.has(role.name)) continue;
    const near = [...bound.values()].map((one) => one.unit);
    const all = [...new Set([...near, ...preferred, ...units.units.values()])];
    const candidates =
      among !== null && role.match.partnerOf === undefined
        ? among
        : all.flatMap((unit) => unit.functions.map((fn) => ({ unit, fn })));
    const fitting = candidates.filter(
      (one) =>
        (near.includes(one.unit) || preferred.includes(one.unit) || role.match.member !== undefined) &&
        matches(role, one, units, bound),
    );
    const usual = known(role, units);
    // The tree's own player, unless the patch is about another file; else the one that no other candidate calls.
    const isUsual =
      usual !== null &&
      (preferred.length === 0 || preferred.includes(usual.unit) || near.includes(usual.unit));
    const outermost = fitting.find(
      (one) => !fitting.some((other) => other.fn !== one.fn && other.fn.calls.includes(one.fn.name)),
    );
    const found = isUsual && role.match.partnerOf === undefined ? usual : (outermost ?? fitting[0] ?? usual);
    if (found !== undefined && found !== null) bound.set(role.name, found);
  }
  const missing = roles.find((role) => !bound.has(role.name) && role.optional !== true);
  return {
    bindings: roles.map((role) => ({
      role,
      definition: bound.get(role.name) ?? null,
      isForced: forced.has(role.name),
    })),
    problem: missing === undefined ? null : `no function was found that ${missing.what}: name one`,
  };
}

function known(role: RoleSpec, units: UnitIndex): Definition | null {
  for (const name of role.match.known ?? []) {
    const found = units.anyDefinition(name);
    if (found !== null) return found;
  }
  return null;
}

function matches(
  role: RoleSpec,
  one: Definition,
  units: UnitIndex,
  bound: ReadonlyMap<string, Definition>,
): boolean {
  const { match } = role;
  const { fn, unit } = one;
  if (units.definition(fn.name, unit)?.fn !== fn) return false;
  let tested = false;
  if (match.member !== undefined) {
    const [tag, field] = match.member.split('.');
    const near = [...bound.values()];
    const operations = units
      .initialisers()
      .filter(({ unit: from, one: initialiser }) => from === unit && initialiser.type.includes(tag!))
      .filter(
        ({ one: initialiser }) =>
          near.length === 0 ||
          near.every(
            (other) =>
              other.unit !== unit ||
              initialiser.fields.some((given) => given.value.trim() === other.fn.name) ||
              !initialiser.type.includes(tag!),
          ),
      );
    if (
      !operations.some(({ one: initialiser }) =>
        initialiser.fields.some(
          (given) => given.name.replace('.', '') === field && given.value.trim() === fn.name,
        ),
      )
    )
      return false;
    tested = true;
  }
  const head = unit.text.slice(fn.at, fn.bodyAt);
  if (match.returns !== undefined) {
    const before = unit.text.slice(fn.at, fn.nameAt);
    if (!new RegExp(match.returns).test(before)) return false;
    tested = true;
  }
  if (match.params !== undefined) {
    const list = head.slice(fn.nameAt - fn.at);
    if (!match.params.every((type) => new RegExp(type).test(list))) return false;
    tested = true;
  }
  if (match.calls !== undefined) {
    if (!match.calls.some((name) => reaches(name, one, units))) return false;
    tested = true;
  }
  if (match.calledBy !== undefined) {
    const caller = bound.get(match.calledBy);
    if (caller === undefined || !caller.fn.calls.includes(fn.name)) return false;
    tested = true;
  }
  if (match.partnerOf !== undefined) {
    const other = bound.get(match.partnerOf);
    if (other === undefined || !isPartner(other, one)) return false;
    tested = true;
  }
  return tested;
}

/** True where the function calls another, itself or through functions of its own file. */
function reaches(name: string, from: Definition, units: UnitIndex): boolean {
  const seen = new Set<FunctionSource>([from.fn]);
  const work = [from.fn];
  for (let fn = work.pop(); fn !== undefined; fn = work.pop()) {
    if (fn.calls.includes(name)) return true;
    for (const callee of fn.calls) {
      const found = units.definition(callee, from.unit);
      if (found !== null && found.unit === from.unit && !seen.has(found.fn)) {
        seen.add(found.fn);
        work.push(found.fn);
      }
    }
  }
  return false;
}

/** Called by the same functions of the file, returning nothing, with a parameter of the same struct. */
function isPartner(acquire: Definition, one: Definition): boolean {
  const { unit, fn } = acquire;
  if (one.unit !== unit || one.fn === fn) return false;
  const head = (definition: Definition) => definition.unit.text.slice(definition.fn.at, definition.fn.bodyAt);
  if (!/\bvoid\b/.test(one.unit.text.slice(one.fn.at, one.fn.nameAt))) return false;
  const tags = new Set(
    head(acquire)
      .slice(fn.nameAt - fn.at)
      .match(/struct\s+\w+/g) ?? [],
  );
  const returned: readonly string[] = unit.text.slice(fn.at, fn.nameAt).match(/struct\s+\w+/g) ?? [];
  const own =
    head(one)
      .slice(one.fn.nameAt - one.fn.at)
      .match(/struct\s+\w+/g) ?? [];
  if (!own.some((tag) => tags.has(tag) || returned.includes(tag))) return false;
  return unit.functions.some(
    (caller) => caller.calls.includes(fn.name) && caller.calls.includes(one.fn.name),
  );
}

interface Param {
  readonly type: string;
  readonly name: string;
}

/** How the names of arguments begin that the scenario does not pass. */
export const ARGUMENT = 'sim_argument_';

/** C that gives a role's function its arguments: by type, from what the scenario passes. */
export function glue(binding: Binding): string {
  const { role, definition } = binding;
  const params = role.params.map((param) => `${param.type} ${param.name}`).join(', ') || 'void';
  const returns = role.returns === 'pointer' ? 'void *' : role.returns === 'int' ? 'long ' : 'void ';
  const head = `${returns}role_${role.name}(${params})`;
  if (definition === null) return `${head} { ${role.returns === 'void' ? '' : 'return 0;'} }\n`;
  const unused: Param[] = [...role.params];
  const args = parametersOf(definition).map((type) => {
    const tag = /struct\s+(\w+)/.exec(type)?.[1];
    const isPointer = type.includes('*');
    const index = unused.findIndex((param) => fits(param.type, tag, isPointer));
    if (index >= 0) return unused.splice(index, 1)[0]!.name;
    return isPointer ? `&${ARGUMENT}${tag ?? 'buffer'}` : '0';
  });
  const call = `${definition.fn.name}(${args.join(', ')})`;
  const isVoid = /\bvoid\s*$/.test(
    definition.unit.text.slice(definition.fn.at, definition.fn.nameAt).trimEnd(),
  );
  if (role.returns === 'void' || isVoid)
    return `${head} { ${call}; ${role.returns === 'void' ? '' : 'return 1;'} }\n`;
  return `${head} { return ${call}; }\n`;
}

function fits(type: string, tag: string | undefined, isPointer: boolean): boolean {
  const own = /struct\s+(\w+)/.exec(type)?.[1];
  if (tag !== undefined) return own === tag;
  if (isPointer) return own === undefined && type.includes('*');
  return !type.includes('*');
}

/** The parameter types of a function as text, read from its head. */
function parametersOf({ unit, fn }: Definition): string[] {
  const head = unit.text.slice(fn.nameAt + fn.name.length, fn.bodyAt);
  const open = head.indexOf('(');
  const parts: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let i = open; i < head.length; i++) {
    const char = head[i];
    if (char === '(') depth++;
    else if (char === ')') depth--;
    if ((char === ',' && depth === 1) || (char === ')' && depth === 0)) {
      parts.push(head.slice(from, i).trim());
      from = i + 1;
      if (depth === 0) break;
    }
  }
  return parts.filter((part) => part !== '' && part !== 'void');
}
