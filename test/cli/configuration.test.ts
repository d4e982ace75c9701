import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTRACTS } from '../../engine/protocol/tables.ts';
import { jsonValue, positionOf, readJson } from '../../extension/cli/json-reader.ts';
import schema from '../../extension/cli/lock-review.schema.json' with { type: 'json' };
import { readConfiguration } from '../../extension/cli/project-configuration.ts';

const RULES = ['lock-leak', 'double-lock', 'split-read'];

const read = (value: unknown) => readConfiguration(JSON.stringify(value, null, 2), RULES);
const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
const validate = ajv.compile(schema);

const contract = {
  name: 'pool_lock',
  what: 'function',
  outcomes: [{ when: 'zero', effects: [{ op: 'acquire', lock: 'arg0.lock', kind: 'mutex', mode: 'W' }] }],
  sleeps: 'yes',
};

describe('the configuration file', () => {
  it('is read with every key', () => {
    const { value, problems } = read({
      $schema: './lock-review.schema.json',
      rules: { 'split-read': 'off', 'lock-leak': 'warning' },
      config: { CONFIG_MMU: 'y', CONFIG_DEMO: 'm' },
      contracts: [contract],
      suppressions: [{ rule: 'double-lock', file: 'drivers/demo/', reason: 'nests by class' }],
      baseline: 'tools/lock-review-baseline.json',
    });
    expect(problems).toEqual([]);
    expect([...value.rules]).toEqual([
      ['split-read', 'off'],
      ['lock-leak', 'warning'],
    ]);
    expect([...value.config]).toEqual([
      ['CONFIG_MMU', 'y'],
      ['CONFIG_DEMO', 'm'],
    ]);
    expect(value.contracts).toEqual([{ ...contract, source: '.lock-review.json' }]);
    expect(value.suppressions).toEqual([
      { rule: 'double-lock', file: 'drivers/demo/', reason: 'nests by class', line: 32 },
    ]);
    expect(value.baseline).toBe('tools/lock-review-baseline.json');
  });

  it('may be empty', () => {
    expect(read({}).problems).toEqual([]);
  });

  it.each([
    ['', 1, 1, 'expected a value, not the end of the file'],
    ['[]', 1, 1, 'the file: expected'],
    [
      '{\n  "rules": {\n    "lock-leak": "of"\n  }\n}',
      3,
      18,
      '"rules", "lock-leak": expected one of "error", "warning", "note", "off"',
    ],
    [
      '{\n "rules": { "lock-lea": "off" } }',
      2,
      13,
      'there is no rule "lock-lea": expected one of lock-leak, double-lock, split-read',
    ],
    [
      '{ "rule": {} }',
      1,
      3,
      '"rule" is not known: expected one of rules, config, contracts, suppressions, baseline',
    ],
    ['{ "config": { "MMU": "y" } }', 1, 15, '"config", "MMU": expected the name of a symbol, as CONFIG_MMU'],
    ['{ "config": { "CONFIG_MMU": true } }', 1, 29, '"config", "CONFIG_MMU": expected one of "y", "m", "n"'],
    [
      '{ "suppressions": [\n  { "rule": "lock-leak" } ] }',
      2,
      3,
      '"suppressions"[0]: expected "reason" in it',
    ],
    [
      '{ "suppressions": [\n  { "reason": "all of it" } ] }',
      2,
      3,
      '"suppressions"[0]: expected a suppression: a reason, and at least one of',
    ],
    [
      '{ "suppressions": [{ "rule": "lock-leak", "reason": "" }] }',
      1,
      53,
      '"reason": expected why this is not to be reported',
    ],
    ['{ "baseline": "/etc/passwd" }', 1, 15, '"baseline": expected a path, relative to this file'],
    ['{ "rules": {}, // why\n }', 1, 16, 'not a comment, which JSON has not'],
    ['{ "rules": {},\n}', 2, 1, 'expected a name in double quotes, not "}"'],
    ['{ "rules": {},\n "rules": {} }', 2, 2, '"rules" is there twice'],
    ['{ "rules": {} ', 1, 15, 'expected "," or "}", not the end of the file'],
    ['{ "rules": {} } x', 1, 17, 'expected the end of the file, not "x"'],
    ['{ "a\nb": 1 }', 1, 5, 'expected a closing quote before the end of the line'],
    ['{ "a\\x": 1 }', 1, 3, 'expected a valid string'],
    ['{ "a', 1, 3, 'expected a closing quote'],
    ['{ "rules" {} }', 1, 11, 'expected ":" after "rules", not "{"'],
    ['[1 2]', 1, 4, 'expected "," or "]", not "2"'],
    ['nil', 1, 1, 'expected a value, not "n"'],
  ])('%j is told with its place', (text, line, column, message) => {
    const { problems } = readConfiguration(text, RULES);
    expect(problems[0]).toMatchObject({ line, column });
    expect(problems[0]!.message).toContain(message);
  });

  it.each([
    [
      'an unknown effect',
      { op: 'take', lock: 'arg0.lock', kind: 'mutex' },
      'expected an effect, its "op" one of acquire',
    ],
    [
      'an effect without its mode',
      { op: 'acquire', lock: 'arg0.lock', kind: 'mutex' },
      'expected "mode" in it',
    ],
    [
      'a lock that is no reference',
      { op: 'release', lock: 'lock', kind: 'mutex', mode: 'W' },
      '"lock": expected the name of a lock',
    ],
    [
      'an unknown kind',
      { op: 'release', lock: 'arg0', kind: 'mutx', mode: 'W' },
      '"kind": expected one of "mmap"',
    ],
    [
      'a stray key',
      { op: 'downgrade', lock: 'arg0', kind: 'rwsem', mod: 'R' },
      '"mod" is not known: expected one of op, lock, kind',
    ],
  ])('tells %s in a contract', (_, effect, message) => {
    const { problems } = read({
      contracts: [{ ...contract, outcomes: [{ when: 'any', effects: [effect] }] }],
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]!.message).toContain('"contracts"[0], "outcomes"[0], "effects"[0]');
    expect(problems[0]!.message).toContain(message);
  });

  it('tells a contract that cannot be meant', () => {
    const both = ['acquire', 'release'].map((op) => ({ op, lock: 'arg0.lock', kind: 'mutex', mode: 'W' }));
    const { problems } = read({
      contracts: [contract, { ...contract, name: 'pool_relock', outcomes: [{ when: 'any', effects: both }] }],
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]!.message).toContain(
      '"contracts"[1]: pool_relock: one result has both acquire and release of arg0.lock',
    );
    expect(problems[0]!.line).toBe(21);
  });

  it('tells every mistake, not only the first', () => {
    const { problems } = read({ rules: { 'lock-leak': 1 }, config: { CONFIG_X: 'q' }, colour: true });
    expect(problems).toHaveLength(3);
  });

  it('reads a deep nest as a mistake, not until the stack ends', () => {
    const text = '['.repeat(200_000);
    expect(readConfiguration(text, RULES).problems[0]!.message).toContain('levels of nesting');
  });
});

describe('the schema that ships', () => {
  it('takes every contract that is built in, and so does the reader', () => {
    const document = { contracts: CONTRACTS };
    const valid = validate(document);
    expect(validate.errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(read(document).problems).toEqual([]);
    expect(CONTRACTS.length).toBeGreaterThan(100);
  });

  it('and the reader agree on what is valid', () => {
    const documents: unknown[] = [
      {},
      [],
      null,
      { rules: { 'lock-leak': 'off' } },
      { rules: { 'Lock-Leak': 'off' } },
      { rules: { 'lock-leak': 'fatal' } },
      { rules: [] },
      { config: { CONFIG_A: 'y' } },
      { config: { A: 'y' } },
      { suppressions: [{ reason: 'x' }] },
      { suppressions: [{ reason: 'x', file: 'mm/' }] },
      { suppressions: [{ reason: 'x', file: '' }] },
      { suppressions: {} },
      { baseline: 'a/b.json' },
      { baseline: '/a' },
      { baseline: '' },
      { other: 1 },
      { contracts: [contract] },
      { contracts: [{ ...contract, name: 'a b' }] },
      { contracts: [{ ...contract, sleeps: { gfp: 1 } }] },
      { contracts: [{ ...contract, sleeps: { gfp: -1 } }] },
      { contracts: [{ ...contract, sleeps: { gfp: 1.5 } }] },
      { contracts: [{ ...contract, sleeps: 'maybe' }] },
      { contracts: [{ ...contract, from: '6.15', until: '6.18' }] },
      { contracts: [{ ...contract, from: 'v6.15' }] },
      { contracts: [{ ...contract, value: { value: 'constant', constant: 0 } }] },
      { contracts: [{ ...contract, value: { value: 'exchange', target: 0, source: null } }] },
      { contracts: [{ ...contract, value: { value: 'exchange', target: 0 } }] },
      {
        contracts: [
          { ...contract, needs: [{ need: 'held', lock: 'arg0', kind: 'mutex', modes: [], because: 'x' }] },
        ],
      },
      { contracts: [{ ...contract, lifetimes: [{ life: 'ends', pointer: 'arg0', because: 'freed' }] }] },
      { contracts: [{ name: 'x' }] },
    ];
    for (const document of documents) {
      expect({ document, valid: read(document).problems.length === 0 }).toEqual({
        document,
        valid: validate(document),
      });
    }
  });
});

describe('the JSON reader', () => {
  it.each([
    '{"a":[1,-2.5e3,true,false,null,"x\\u0041\\n"],"":{}}',
    ' [ ] ',
    '"\\ud800"',
    '0',
    '\ufeff{"a":1}',
  ])('gives what JSON.parse gives: %j', (text) => {
    const { root } = readJson(text);
    expect(jsonValue(root!)).toEqual(JSON.parse(text.replace('\ufeff', '')));
  });

  it('takes what JSON.parse takes, and gives the same', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(jsonValue(readJson(text).root!)).toEqual(JSON.parse(text));
      }),
    );
    const damaged = fc
      .tuple(fc.json(), fc.nat(), fc.string({ unit: 'binary', maxLength: 3 }))
      .map(([text, at, junk]) => {
        const cut = at % (text.length + 1);
        return text.slice(0, cut) + junk + text.slice(cut + 1);
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string({ unit: 'binary' })), (text) => {
        let value: unknown;
        let valid = true;
        try {
          value = JSON.parse(text.replace(/^\ufeff/, ''));
        } catch {
          valid = false;
        }
        const { root, problem } = readJson(text);
        // Two members of one name are a mistake to us, and one value to JSON.parse.
        if (problem?.message.includes('is there twice')) return;
        expect(root !== null).toBe(valid);
        if (root !== null) expect(jsonValue(root)).toEqual(value);
        else expect(problem!.at).toBeLessThanOrEqual(text.length);
        expect(() => readConfiguration(text, RULES)).not.toThrow();
      }),
    );
  });

  it('does not take a name for the prototype', () => {
    const { root } = readJson('{"__proto__": {"x": 1}}');
    expect(Object.keys(jsonValue(root!) as object)).toEqual(['__proto__']);
    expect(read({ constructor: 1 }).problems[0]!.message).toContain('"constructor" is not known');
    expect(read(JSON.parse('{"__proto__": 1}')).problems).toHaveLength(1);
  });

  it('tells line and column from 1', () => {
    expect(positionOf('ab\ncd\n', 0)).toEqual({ line: 1, column: 1 });
    expect(positionOf('ab\ncd\n', 2)).toEqual({ line: 1, column: 3 });
    expect(positionOf('ab\ncd\n', 3)).toEqual({ line: 2, column: 1 });
    expect(positionOf('ab\ncd\n', 6)).toEqual({ line: 3, column: 1 });
  });
});
