/**
 * What a SARIF 2.1.0 report must be: valid by the schema itself, which `@microsoft/jest-sarif` carries, and by the
 * parts of it that our reports use, as strict as the standard's words: the schema lets pass keys that it does not have.
 */
import official from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { Ajv, type ErrorObject } from 'ajv';

const text = { type: 'string' };
const index = { type: 'integer', minimum: 0 };
const level = { enum: ['none', 'note', 'warning', 'error'] };
const ref = (name: string) => ({ $ref: `#/definitions/${name}` });
const list = (items: object, more: object = {}) => ({ type: 'array', items, ...more });
const map = (values: object) => ({ type: 'object', additionalProperties: values });
const object = (properties: object, required: readonly string[] = [], more: object = {}) => ({
  type: 'object',
  properties: { ...properties, properties: ref('propertyBag') },
  required,
  additionalProperties: false,
  ...more,
});

const ownParts = {
  definitions: {
    propertyBag: { type: 'object', properties: { tags: list(text, { uniqueItems: true }) } },
    message: object({ text, markdown: text, id: text, arguments: list(text) }, [], {
      anyOf: [{ required: ['text'] }, { required: ['id'] }],
    }),
    multiformatMessageString: object({ text, markdown: text }, ['text']),
    artifactLocation: object({
      uri: { type: 'string', format: 'uri-reference' },
      uriBaseId: text,
      index,
      description: ref('message'),
    }),
    artifactContent: object({ text, binary: text, rendered: ref('multiformatMessageString') }),
    region: object(
      {
        startLine: { type: 'integer', minimum: 1 },
        startColumn: { type: 'integer', minimum: 1 },
        endLine: { type: 'integer', minimum: 1 },
        endColumn: { type: 'integer', minimum: 1 },
        charOffset: index,
        charLength: index,
        snippet: ref('artifactContent'),
        message: ref('message'),
      },
      [],
      { anyOf: [{ required: ['startLine'] }, { required: ['charOffset'] }] },
    ),
    physicalLocation: object(
      { artifactLocation: ref('artifactLocation'), region: ref('region'), contextRegion: ref('region') },
      ['artifactLocation'],
    ),
    logicalLocation: object({ name: text, index, fullyQualifiedName: text, decoratedName: text, kind: text }),
    location: object({
      id: index,
      physicalLocation: ref('physicalLocation'),
      logicalLocations: list(ref('logicalLocation'), { uniqueItems: true }),
      message: ref('message'),
      annotations: list(ref('region'), { uniqueItems: true }),
    }),
    threadFlowLocation: object({
      index,
      location: ref('location'),
      kinds: list(text, { uniqueItems: true }),
      state: map(ref('multiformatMessageString')),
      nestingLevel: index,
      executionOrder: index,
      importance: { enum: ['important', 'essential', 'unimportant'] },
    }),
    threadFlow: object(
      { id: text, message: ref('message'), locations: list(ref('threadFlowLocation'), { minItems: 1 }) },
      ['locations'],
    ),
    codeFlow: object({ message: ref('message'), threadFlows: list(ref('threadFlow'), { minItems: 1 }) }, [
      'threadFlows',
    ]),
    replacement: object({ deletedRegion: ref('region'), insertedContent: ref('artifactContent') }, [
      'deletedRegion',
    ]),
    artifactChange: object(
      { artifactLocation: ref('artifactLocation'), replacements: list(ref('replacement'), { minItems: 1 }) },
      ['artifactLocation', 'replacements'],
    ),
    fix: object(
      {
        description: ref('message'),
        artifactChanges: list(ref('artifactChange'), { minItems: 1, uniqueItems: true }),
      },
      ['artifactChanges'],
    ),
    result: object(
      {
        ruleId: text,
        ruleIndex: index,
        kind: { enum: ['notApplicable', 'pass', 'fail', 'review', 'open', 'informational'] },
        level,
        message: ref('message'),
        locations: list(ref('location')),
        relatedLocations: list(ref('location'), { uniqueItems: true }),
        codeFlows: list(ref('codeFlow')),
        fingerprints: map(text),
        partialFingerprints: map(text),
        fixes: list(ref('fix'), { uniqueItems: true }),
      },
      ['message'],
    ),
    reportingDescriptor: object(
      {
        id: text,
        name: text,
        shortDescription: ref('multiformatMessageString'),
        fullDescription: ref('multiformatMessageString'),
        help: ref('multiformatMessageString'),
        helpUri: { type: 'string', format: 'uri' },
        defaultConfiguration: object({ enabled: { type: 'boolean' }, level, rank: { type: 'number' } }),
      },
      ['id'],
    ),
    toolComponent: object(
      {
        name: text,
        fullName: text,
        version: text,
        semanticVersion: text,
        informationUri: { type: 'string', format: 'uri' },
        rules: list(ref('reportingDescriptor'), { uniqueItems: true }),
      },
      ['name'],
    ),
    notification: object({ message: ref('message'), level, locations: list(ref('location')) }, ['message']),
    invocation: object(
      {
        executionSuccessful: { type: 'boolean' },
        toolExecutionNotifications: list(ref('notification')),
        toolConfigurationNotifications: list(ref('notification')),
      },
      ['executionSuccessful'],
    ),
    run: object(
      {
        tool: object({ driver: ref('toolComponent') }, ['driver']),
        invocations: list(ref('invocation')),
        automationDetails: object({ id: text, guid: text, description: ref('message') }),
        columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
        originalUriBaseIds: map(ref('artifactLocation')),
        results: list(ref('result')),
      },
      ['tool'],
    ),
  },
  ...object(
    { $schema: { type: 'string', format: 'uri' }, version: { enum: ['2.1.0'] }, runs: list(ref('run')) },
    ['version', 'runs'],
  ),
};

/** The formats, by the standard's own reader of URIs: relative ones are read against a base. */
const formats = {
  'date-time': (value: string) => !Number.isNaN(Date.parse(value)),
  uri: (value: string) => URL.canParse(value),
  'uri-reference': (value: string) =>
    URL.canParse(value, 'file:///root/') &&
    /^[\w\-.~!$&'()*+,;=:@/?#%]*$/.test(value) &&
    !/%(?![\dA-Fa-f]{2})/.test(value),
};

// It is a schema of draft 4, in which `id` was not yet `$id`; of what has changed since then it uses nothing.
const { $schema: _, id: __, ...schema } = official;
const validators = [
  // One of its patterns is none where expressions know Unicode.
  new Ajv({ allErrors: true, strict: false, unicodeRegExp: false, formats }).compile(schema),
  new Ajv({ allErrors: true, formats }).compile(ownParts),
];

/** What is wrong with a report, as data; empty where nothing is. */
export function sarifErrors(log: unknown): readonly ErrorObject[] {
  return validators.flatMap((validate) => (validate(log) ? [] : (validate.errors ?? [])));
}
