/**
 * The parts of the SARIF 2.1.0 schema (OASIS, sarif-schema-2.1.0) that our reports use, as strict as the whole:
 * no key that it does not have, and each value's type, bounds and set of words. No npm package carries the
 * schema, and the tests reach for no network, so these parts are written down here by hand from the standard.
 */
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

export const sarifSchema = {
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

/** The two formats, by the standard's own reader of URIs: relative ones are read against a base. */
export const formats = {
  uri: (value: string) => URL.canParse(value),
  'uri-reference': (value: string) =>
    URL.canParse(value, 'file:///root/') &&
    /^[\w\-.~!$&'()*+,;=:@/?#%]*$/.test(value) &&
    !/%(?![\dA-Fa-f]{2})/.test(value),
};
