import { allRules } from '../../../engine/check/index.ts';
import { readConfiguration } from '../../../extension/cli/project-configuration.ts';
import { readBaseline } from '../../../extension/cli/suppress.ts';
import { readSettings } from '../../../extension/server/settings.ts';
import { type FuzzTarget, must } from '../target.ts';

/** The project's configuration file, a baseline, and an editor's settings. */
export async function configuration(): Promise<FuzzTarget> {
  const ids = allRules().map((rule) => rule.id);
  return {
    name: 'configuration',
    seeds: () => SEEDS,
    words: [
      ...ids.map((id) => `"${id}"`),
      ...[
        '"rules"',
        '"config"',
        '"contracts"',
        '"suppressions"',
        '"baseline"',
        '"error"',
        '"off"',
        '"y"',
        'null',
        'true',
      ],
      ...[
        '{',
        '}',
        '[',
        ']',
        ':',
        ',',
        '"CONFIG_A"',
        '"__proto__"',
        '"constructor"',
        '// c\n',
        '\\u0000',
        '1e999',
      ],
    ],
    run(text) {
      const lines = text.split('\n').length;
      const { problems } = readConfiguration(text, ids);
      for (const { line } of problems)
        must(line >= 1 && line <= lines, `a problem in line ${line} of ${lines}`);
      readBaseline(text);
      let settings: unknown = text;
      try {
        settings = JSON.parse(text);
      } catch {
        // Then the settings are what no editor sends: a text.
      }
      readSettings(settings);
      must(!('polluted' in {}), 'the prototype of all objects was changed');
    },
  };
}

const SEEDS = [
  '{ "rules": { "lock-leak": "warning", "stale-config": "off" }, "config": { "CONFIG_MMU": "y" } }',
  '{ "suppressions": [{ "rule": "lock-leak", "file": "mm/", "reason": "why" }], "baseline": "b.json" }',
  '{ "contracts": [{ "name": "f", "acquires": [{ "lock": "arg0" }] }] }',
  '{ "version": 1, "findings": [{ "rule": "lock-leak", "fingerprint": "0123" }], "notes": [], "stats": {} }',
  '{ "tree": "", "checkOpenFiles": "changed", "showExisting": true, "rules": {}, "config": {} }',
  '{ "__proto__": { "polluted": true }, "rules": { "__proto__": "off" } }',
];
