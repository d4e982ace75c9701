import { gzipSync } from 'node:zlib';
import type { Log, Result } from 'sarif';
import { describe, expect, it } from 'vitest';
import type { RuleText } from '../../../engine/report/index.ts';
import {
  GITHUB_LIMITS,
  mergeSarif,
  ruleHelpUri,
  sarifLog,
  sarifReport,
  uriOf,
} from '../../../engine/report/index.ts';
import { clean, existing, fixed, leak, outside, sample, step } from './sample.ts';
import { sarifErrors } from './sarif-schema.ts';

const rule: RuleText = {
  id: 'lock-leak',
  level: 'error',
  doc: {
    what: 'A lock is still held at a return.',
    why: 'Nobody can release it.',
    advice: 'Release it.',
    bad: 'void f(void)\n{\n\tmutex_lock(&m);\n}\n',
    good: '',
  },
};
const options = { version: '1.2.3', rules: [rule] };

function valid(log: unknown): Log {
  expect(sarifErrors(log)).toEqual([]);
  return log as Log;
}

const results = (log: Log): Result[] => log.runs[0]!.results!;

describe('the SARIF report', () => {
  it('is valid, and tells rule, level, place and the whole story', () => {
    const log = valid(JSON.parse(sarifReport(sample, options)));
    const result = results(log).find((one) => one.ruleId === 'lock-leak')!;
    expect(result).toMatchInlineSnapshot(`
      {
        "codeFlows": [
          {
            "message": {
              "text": "A path through pool_get().",
            },
            "threadFlows": [
              {
                "id": "pool_get()",
                "locations": [
                  {
                    "executionOrder": 1,
                    "importance": "unimportant",
                    "kinds": [
                      "enter",
                      "function",
                    ],
                    "location": {
                      "message": {
                        "text": "pool_get() is entered",
                      },
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "drivers/demo/pool.c",
                          "uriBaseId": "%SRCROOT%",
                        },
                        "region": {
                          "snippet": {
                            "text": "int pool_get(struct pool *pool, int id)",
                          },
                          "startColumn": 2,
                          "startLine": 41,
                        },
                      },
                    },
                    "state": {
                      "CONFIG_DEBUG_DEMO": {
                        "text": "n",
                      },
                      "CONFIG_DEMO_POOL": {
                        "text": "y",
                      },
                      "held": {
                        "text": "nothing",
                      },
                    },
                  },
                  {
                    "executionOrder": 2,
                    "importance": "important",
                    "kinds": [
                      "acquire",
                      "lock",
                    ],
                    "location": {
                      "message": {
                        "text": "takes pool->lock",
                      },
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "drivers/demo/pool.c",
                          "uriBaseId": "%SRCROOT%",
                        },
                        "region": {
                          "snippet": {
                            "text": "	mutex_lock(&pool->lock);",
                          },
                          "startColumn": 2,
                          "startLine": 44,
                        },
                      },
                    },
                    "state": {
                      "CONFIG_DEBUG_DEMO": {
                        "text": "n",
                      },
                      "CONFIG_DEMO_POOL": {
                        "text": "y",
                      },
                      "held": {
                        "text": "pool->lock",
                      },
                    },
                  },
                  {
                    "executionOrder": 3,
                    "importance": "important",
                    "kinds": [
                      "branch",
                    ],
                    "location": {
                      "message": {
                        "text": "takes the branch where pool_find() returned NULL",
                      },
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "drivers/demo/pool.c",
                          "uriBaseId": "%SRCROOT%",
                        },
                        "region": {
                          "snippet": {
                            "text": "	if (!pool_find(pool, id))",
                          },
                          "startColumn": 2,
                          "startLine": 47,
                        },
                      },
                    },
                    "state": {
                      "CONFIG_DEBUG_DEMO": {
                        "text": "n",
                      },
                      "CONFIG_DEMO_POOL": {
                        "text": "y",
                      },
                      "held": {
                        "text": "pool->lock",
                      },
                    },
                  },
                  {
                    "executionOrder": 4,
                    "importance": "essential",
                    "kinds": [
                      "danger",
                    ],
                    "location": {
                      "message": {
                        "text": "returns -ENOENT with pool->lock held",
                      },
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "drivers/demo/pool.c",
                          "uriBaseId": "%SRCROOT%",
                        },
                        "region": {
                          "snippet": {
                            "text": "		return -ENOENT;",
                          },
                          "startColumn": 2,
                          "startLine": 48,
                        },
                      },
                    },
                    "state": {
                      "CONFIG_DEBUG_DEMO": {
                        "text": "n",
                      },
                      "CONFIG_DEMO_POOL": {
                        "text": "y",
                      },
                      "held": {
                        "text": "pool->lock",
                      },
                    },
                  },
                ],
              },
            ],
          },
        ],
        "level": "error",
        "locations": [
          {
            "logicalLocations": [
              {
                "kind": "function",
                "name": "pool_get",
              },
            ],
            "physicalLocation": {
              "artifactLocation": {
                "uri": "drivers/demo/pool.c",
                "uriBaseId": "%SRCROOT%",
              },
              "region": {
                "endColumn": 17,
                "snippet": {
                  "text": "		return -ENOENT;",
                },
                "startColumn": 3,
                "startLine": 48,
              },
            },
          },
        ],
        "message": {
          "text": "pool_get() returns with pool->lock still held

      The other error returns of pool_get() do not hold it, so no caller can know that it must release it. The next pool_get() on this pool waits for ever.

      Only with CONFIG_DEBUG_DEMO=n, CONFIG_DEMO_POOL=y.

      The path:
      1. [drivers/demo/pool.c:41](1): pool_get() is entered
      2. [drivers/demo/pool.c:44](2): takes pool->lock
      3. [drivers/demo/pool.c:47](3): takes the branch where pool_find() returned NULL
      4. [drivers/demo/pool.c:48](4): returns -ENOENT with pool->lock held

      What to do: Release pool->lock before this return, or jump to the unwind label that does.",
        },
        "partialFingerprints": {
          "lockReview/v1": "3f2a9c0d11e84b57",
          "primaryLocationLineHash": "3f2a9c0d11e84b57:1",
        },
        "properties": {
          "config": {
            "CONFIG_DEBUG_DEMO": "n",
            "CONFIG_DEMO_POOL": "y",
          },
          "input": "pool.patch",
          "inputLine": 25,
          "status": "introduced",
        },
        "relatedLocations": [
          {
            "id": 0,
            "message": {
              "text": "The line in the patch.",
            },
            "physicalLocation": {
              "artifactLocation": {
                "uri": "pool.patch",
              },
              "region": {
                "startLine": 25,
              },
            },
          },
          {
            "id": 1,
            "message": {
              "text": "pool_get() is entered",
            },
            "physicalLocation": {
              "artifactLocation": {
                "uri": "drivers/demo/pool.c",
                "uriBaseId": "%SRCROOT%",
              },
              "region": {
                "snippet": {
                  "text": "int pool_get(struct pool *pool, int id)",
                },
                "startColumn": 2,
                "startLine": 41,
              },
            },
          },
          {
            "id": 2,
            "message": {
              "text": "takes pool->lock",
            },
            "physicalLocation": {
              "artifactLocation": {
                "uri": "drivers/demo/pool.c",
                "uriBaseId": "%SRCROOT%",
              },
              "region": {
                "snippet": {
                  "text": "	mutex_lock(&pool->lock);",
                },
                "startColumn": 2,
                "startLine": 44,
              },
            },
          },
          {
            "id": 3,
            "message": {
              "text": "takes the branch where pool_find() returned NULL",
            },
            "physicalLocation": {
              "artifactLocation": {
                "uri": "drivers/demo/pool.c",
                "uriBaseId": "%SRCROOT%",
              },
              "region": {
                "snippet": {
                  "text": "	if (!pool_find(pool, id))",
                },
                "startColumn": 2,
                "startLine": 47,
              },
            },
          },
          {
            "id": 4,
            "message": {
              "text": "returns -ENOENT with pool->lock held",
            },
            "physicalLocation": {
              "artifactLocation": {
                "uri": "drivers/demo/pool.c",
                "uriBaseId": "%SRCROOT%",
              },
              "region": {
                "snippet": {
                  "text": "		return -ENOENT;",
                },
                "startColumn": 2,
                "startLine": 48,
              },
            },
          },
        ],
        "ruleId": "lock-leak",
        "ruleIndex": 1,
      }
    `);
  });

  it('keeps what stands, with its status, and leaves out what the patch repairs', () => {
    const log = valid(sarifLog(sample, options));
    expect(results(log).map((one) => [one.ruleId, one.properties!.status])).toEqual([
      ['contract-changed', 'introduced'],
      ['lock-leak', 'introduced'],
      ['split-read', 'existing'],
    ]);
  });

  it('describes each rule, with its page', () => {
    const { rules } = valid(sarifLog(sample, options)).runs[0]!.tool.driver;
    expect(rules!.map((one) => [one.id, one.helpUri])).toEqual([
      ['contract-changed', 'https://docs.kernel.org/kernel-hacking/locking.html'],
      ['lock-leak', 'https://docs.kernel.org/kernel-hacking/locking.html'],
      ['split-read', 'https://docs.kernel.org/mm/process_addrs.html'],
    ]);
    expect(rules![1]).toMatchObject({
      name: 'LockLeak',
      shortDescription: { text: rule.doc.what },
      help: { markdown: expect.stringContaining('```c\nvoid f(void)') },
      defaultConfiguration: { level: 'error' },
    });
    for (const result of results(sarifLog(sample, options)))
      expect(rules![result.ruleIndex!]!.id).toBe(result.ruleId);
    expect(ruleHelpUri('constructor')).toBe('https://docs.kernel.org/kernel-hacking/locking.html');
  });

  it('puts notes into the notifications', () => {
    const [invocation] = valid(sarifLog(sample, options)).runs[0]!.invocations!;
    expect(invocation!.toolExecutionNotifications).toMatchObject([
      {
        level: 'note',
        locations: [
          { physicalLocation: { artifactLocation: { uri: 'pool.patch' }, region: { startLine: 40 } } },
        ],
      },
      { level: 'note', message: { text: expect.stringContaining('no tree') } },
    ]);
    expect(valid(sarifLog(clean, options)).runs[0]!.invocations).toEqual([{ executionSuccessful: true }]);
  });

  it('has one fix with its edits', () => {
    const fix = {
      title: 'Unlock first',
      edits: [{ file: leak.file, at: 10, end: 10, text: 'mutex_unlock(&pool->lock);\n' }],
    };
    const log = valid(sarifLog({ ...sample, findings: [{ ...leak, fix }] }, options));
    expect(results(log)[0]!.fixes![0]!.artifactChanges[0]!.replacements).toEqual([
      {
        deletedRegion: { charOffset: 10, charLength: 0 },
        insertedContent: { text: 'mutex_unlock(&pool->lock);\n' },
      },
    ]);
  });

  it('is valid whatever a patch puts into names', () => {
    const evil = {
      ...leak,
      file: '//host/a b/%zz/c:\\d?e#f\u202e\ud800.c',
      function: '',
      message: 'see [here](javascript:alert(1)) \u0000',
      line: 0,
      column: 0,
      endColumn: 0,
      trace: [step(0, '[x](1)', { file: 'a:b', column: 0 })],
      traceLines: ['\u0007'],
      traceInputLines: [null],
    };
    const text = sarifReport({ ...sample, inputs: ['/tmp/x y.patch'], findings: [evil] }, options);
    expect(text).not.toContain('\u202e');
    const [result] = results(valid(JSON.parse(text)));
    expect(result!.message.text).toContain('see \\[here\\](javascript:alert(1)) <U+0000>');
    expect(result!.locations![0]!.physicalLocation!.artifactLocation!.uri).toBe(
      '/.//host/a%20b/%25zz/c%3A%5Cd%3Fe%23f%E2%80%AE%EF%BF%BD.c',
    );
    expect(uriOf('a:b/c')).toBe('a%3Ab/c');
  });

  it('tells two findings of one fingerprint apart', () => {
    const log = valid(sarifLog({ ...sample, findings: [leak, { ...leak, line: 60 }] }, options));
    const prints = results(log).map((one) => one.partialFingerprints!.primaryLocationLineHash);
    expect(prints).toEqual([`${leak.fingerprint}:1`, `${leak.fingerprint}:2`]);
  });
});

describe('the limits of GitHub', () => {
  it('cut the middle of a long path, and say so', () => {
    const trace = Array.from({ length: 3000 }, (_, at) => step(at + 1, `step ${at + 1}`));
    const long = { ...leak, trace, traceLines: trace.map(() => ''), traceInputLines: trace.map(() => null) };
    const [result] = results(valid(sarifLog({ ...sample, findings: [long] }, options)));
    const steps = result!.codeFlows![0]!.threadFlows[0]!.locations;
    expect(steps).toHaveLength(GITHUB_LIMITS.steps);
    expect(steps.at(-1)!.location!.message!.text).toBe('step 3000');
    expect(result!.relatedLocations).toHaveLength(GITHUB_LIMITS.relatedLocations);
    expect(result!.message.text).toContain('(2901 steps left out)');
    // Every link leads to a related location.
    const ids = new Set(result!.relatedLocations!.map((one) => one.id));
    for (const [, id] of result!.message.text!.matchAll(/\]\((\d+)\)/g)) expect(ids).toContain(Number(id));
  });

  it('keep the most severe results, in their order, and say how many are left out', () => {
    const many = Array.from({ length: 30 }, (_, at) => ({
      ...leak,
      line: at + 1,
      level: at % 3 === 0 ? ('error' as const) : ('note' as const),
      fingerprint: String(at),
    }));
    const log = valid(sarifLog({ ...sample, findings: many }, { ...options, limits: { results: 12 } }));
    expect(
      results(log)
        .map((one) => one.level)
        .filter((level) => level === 'error'),
    ).toHaveLength(10);
    expect(results(log)).toHaveLength(12);
    const lines = results(log).map((one) => one.locations![0]!.physicalLocation!.region!.startLine!);
    expect(lines).toEqual([...lines].sort((left, right) => left - right));
    expect(log.runs[0]!.invocations![0]!.toolExecutionNotifications![0]!.message.text).toContain(
      '18 findings',
    );
  });
});

describe('the size that GitHub takes', () => {
  it('is kept by as many results as a run may hold', () => {
    const many = Array.from({ length: GITHUB_LIMITS.results }, (_, at) => ({
      ...leak,
      file: `drivers/demo/pool${at % 900}.c`,
      line: 1 + Math.floor(at / 900),
      fingerprint: at.toString(16).padStart(16, '0'),
    }));
    const report = gzipSync(sarifReport({ ...sample, findings: many }, options), { level: 6 });
    expect(report.length).toBeLessThan(10 << 20);
  });
});

describe('merging', () => {
  const part = (name: string, findings: (typeof leak)[], rules = options.rules) => ({
    name,
    text: sarifReport({ ...sample, findings }, { ...options, rules }),
  });

  it('is valid, in the order of places, and does not depend on the order of the parts', () => {
    const parts = [part('a', [leak, existing]), part('b', [outside, leak]), part('c', [fixed], [])];
    const merged = mergeSarif(parts);
    const log = valid(JSON.parse(merged.text!));
    expect(log.runs).toHaveLength(1);
    expect(results(log).map((one) => one.ruleId)).toEqual(['contract-changed', 'lock-leak', 'split-read']);
    const { rules } = log.runs[0]!.tool.driver;
    for (const result of results(log)) expect(rules![result.ruleIndex!]!.id).toBe(result.ruleId);
    expect(rules!.find((one) => one.id === 'lock-leak')).toHaveProperty('help');
    expect(mergeSarif([...parts].reverse()).text).toBe(merged.text);
    expect(log.runs[0]!.invocations![0]!.toolExecutionNotifications).toHaveLength(2);
  });

  it('keeps within the limit', () => {
    const log = valid(JSON.parse(mergeSarif([part('a', [leak, existing]), part('b', [outside])], 2).text!));
    expect(results(log).map((one) => one.level)).toEqual(['warning', 'error']);
    const said = log.runs[0]!.invocations![0]!.toolExecutionNotifications!.map((one) => one.message.text);
    expect(said).toContain('1 results of the least severe are left out.');
  });
});
