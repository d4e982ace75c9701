/**
 * Checks a JSON document against the parts of JSON Schema that our own schemas use, so that the schema that
 * ships for editors is the one that the command line enforces, and a mistake is told with its place.
 *
 * Understood: `$ref` into `$defs`, `type`, `enum`, `const`, `pattern`, `minLength`, `minimum`, `properties`,
 * `required`, `additionalProperties` (false or a schema), `propertyNames`, `minProperties`, `items`, `minItems`,
 * `anyOf`. Anything else in a schema is for editors alone.
 */
import type { JsonNode } from './json-reader.ts';

export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly type?: JsonNode['type'] | 'integer';
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | Schema;
  readonly propertyNames?: Schema;
  readonly minProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly anyOf?: readonly Schema[];
}

export interface SchemaProblem {
  readonly at: number;
  readonly message: string;
  /** The value is of another sort altogether: where there are alternatives, this was not the one meant. */
  readonly otherSort?: boolean;
}

/** What is wrong with a document, in its order; empty where nothing is. */
export function checkSchema(root: JsonNode, schema: Schema): SchemaProblem[] {
  const definitions = schema.$defs ?? {};
  const check = (node: JsonNode, rule: Schema, where: string): SchemaProblem[] => {
    if (rule.$ref !== undefined) return check(node, definitions[rule.$ref.replace('#/$defs/', '')]!, where);
    const expected = (what: string) => [{ at: node.at, message: `${where}: expected ${what}` }];
    if (rule.anyOf !== undefined)
      return bestOf(
        rule.anyOf.map((one) => check(node, one, where)),
        rule,
        expected,
      );
    const otherSort = () => [{ ...expected(nameOf(rule))[0]!, otherSort: true }];
    if (rule.type !== undefined && !hasType(node, rule.type)) return otherSort();
    if (rule.const !== undefined && (node.type !== 'string' || node.value !== rule.const)) return otherSort();
    switch (node.type) {
      case 'string':
        return stringFits(node.value, rule) ? [] : expected(nameOf(rule));
      case 'number':
        return rule.minimum === undefined || node.value >= rule.minimum ? [] : expected(nameOf(rule));
      case 'array': {
        if (rule.minItems !== undefined && node.items.length < rule.minItems) {
          return expected(`at least ${rule.minItems} item`);
        }
        const { items } = rule;
        return items === undefined
          ? []
          : node.items.flatMap((item, index) => check(item, items, `${where}[${index}]`));
      }
      case 'object': {
        const problems: SchemaProblem[] = [];
        for (const member of node.members) {
          const path = where === 'the file' ? `"${member.name}"` : `${where}, "${member.name}"`;
          const known =
            rule.properties !== undefined && Object.hasOwn(rule.properties, member.name)
              ? rule.properties[member.name]
              : undefined;
          const names = rule.propertyNames;
          if (known !== undefined) problems.push(...check(member.value, known, path));
          else if (names !== undefined && !stringFits(member.name, names)) {
            problems.push({ at: member.at, message: `${path}: expected ${nameOf(names)}` });
          } else if (rule.additionalProperties === false) {
            const all = Object.keys(rule.properties ?? {}).filter((name) => name !== '$schema');
            problems.push({
              at: member.at,
              message: `${path} is not known: expected one of ${all.join(', ')}`,
            });
          } else if (rule.additionalProperties !== undefined) {
            problems.push(...check(member.value, rule.additionalProperties, path));
          }
        }
        for (const name of rule.required ?? []) {
          if (!node.members.some((member) => member.name === name)) {
            problems.push({ at: node.at, message: `${where}: expected "${name}" in it` });
          }
        }
        if (rule.minProperties !== undefined && node.members.length < rule.minProperties) {
          problems.push(...expected(nameOf(rule)));
        }
        return problems;
      }
      default:
        return [];
    }
  };
  return check(root, schema, 'the file');
}

/**
 * No problems where one alternative fits. Else those of the alternative that was meant, if that is clear: the
 * only one whose sort fits, or the one that got further into the document than the others.
 */
function bestOf(
  results: readonly SchemaProblem[][],
  rule: Schema,
  expected: (what: string) => SchemaProblem[],
): SchemaProblem[] {
  if (results.some((problems) => problems.length === 0)) return [];
  const ofSort = results.filter((problems) => !problems.some((problem) => problem.otherSort));
  if (ofSort.length === 1) return ofSort[0]!;
  const candidates = ofSort.length > 0 ? ofSort : results;
  const reach = (problems: SchemaProblem[]) => problems[0]!.at;
  const furthest = Math.max(...candidates.map(reach));
  const best = candidates.filter((problems) => reach(problems) === furthest);
  return ofSort.length > 0 && best.length === 1 ? best[0]! : expected(nameOf(rule));
}

function hasType(node: JsonNode, type: NonNullable<Schema['type']>): boolean {
  if (type === 'integer') return node.type === 'number' && Number.isInteger(node.value);
  return node.type === type;
}

function stringFits(value: string, rule: Schema): boolean {
  if (rule.enum !== undefined && !rule.enum.includes(value)) return false;
  if (rule.minLength !== undefined && value.length < rule.minLength) return false;
  return rule.pattern === undefined || new RegExp(rule.pattern, 'u').test(value);
}

/** What a person would call what the schema asks for. */
function nameOf(rule: Schema): string {
  if (rule.const !== undefined) return `"${rule.const}"`;
  if (rule.enum !== undefined) return `one of ${rule.enum.map((word) => `"${word}"`).join(', ')}`;
  if (rule.description !== undefined) return lowerFirst(rule.description);
  const article = /^[aeio]/.test(rule.type ?? '') ? 'an' : 'a';
  return `${article} ${rule.type ?? 'value'}`;
}

function lowerFirst(text: string): string {
  const sentence = text.endsWith('.') ? text.slice(0, -1) : text;
  return /^[A-Z][a-z ]/.test(sentence) ? sentence[0]!.toLowerCase() + sentence.slice(1) : sentence;
}
