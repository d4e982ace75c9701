/** Reading what an assistant sent: every value is checked against the tool's schema before it is used. */

export interface SchemaProperty {
  readonly type: 'string' | 'boolean' | 'array' | 'object';
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: { readonly type: 'string' };
  readonly additionalProperties?: { readonly type: 'string'; readonly enum: readonly string[] };
}

export interface ToolInput {
  text(name: string): string | null;
  flag(name: string): boolean;
  texts(name: string): readonly string[];
  pairs(name: string): readonly (readonly [string, string])[];
}

/**
 * @param given what arrived.
 * @returns the input, or a sentence that says what is wrong with it.
 */
export function readToolInput(
  given: unknown,
  properties: Readonly<Record<string, SchemaProperty>>,
):
  | { readonly value: ToolInput; readonly problem: null }
  | { readonly value: null; readonly problem: string } {
  const fail = (problem: string) => ({ value: null, problem });
  if (!isRecord(given)) return fail('expected an object');
  for (const [name, value] of Object.entries(given)) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (schema === undefined)
      return fail(`there is no '${name}': expected ${Object.keys(properties).join(', ')}`);
    const problem = problemOf(value, schema);
    if (problem !== null) return fail(`'${name}': ${problem}`);
  }
  if ((given.patch === undefined) === (given.input === undefined))
    return fail("expected either 'patch' or 'input'");
  return {
    value: {
      text: (name) => (given[name] as string | undefined) ?? null,
      flag: (name) => given[name] === true,
      texts: (name) => (given[name] as string[] | undefined) ?? [],
      pairs: (name) => Object.entries((given[name] as Record<string, string> | undefined) ?? {}),
    },
    problem: null,
  };
}

function problemOf(value: unknown, schema: SchemaProperty): string | null {
  switch (schema.type) {
    case 'array':
      return Array.isArray(value) && value.every((one) => typeof one === 'string')
        ? null
        : 'expected a list of strings';
    case 'object': {
      if (!isRecord(value)) return 'expected an object';
      const allowed = schema.additionalProperties?.enum ?? [];
      return Object.values(value).every((one) => allowed.includes(String(one)))
        ? null
        : `expected values of ${allowed.join(', ')}`;
    }
    default:
      return typeof value === schema.type ? null : `expected a ${schema.type}`;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
