/** What the extension says can be translated: each text is in the bundle that translators start from. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { ROOT } from './bundle.ts';

const FOLDER = path.join(ROOT, 'extension/client');
const sources = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => [name, readFileSync(path.join(FOLDER, name), 'utf8')] as const);

const bundle: Record<string, string> = JSON.parse(
  readFileSync(path.join(ROOT, manifest.l10n, 'bundle.l10n.json'), 'utf8'),
);

/** The first arguments of `l10n.t(…)`, which are literals. */
const used = sources.flatMap(([, text]) =>
  [...text.matchAll(/l10n\.t\(\s*'((?:[^'\\]|\\.)*)'/g)].map(([, key = '']) => key.replaceAll("\\'", "'")),
);

describe('the texts of the extension', () => {
  it('are in the bundle, all of them and no others', () => {
    expect(used.length).toBeGreaterThan(30);
    expect(Object.keys(bundle).sort()).toEqual([...new Set(used)].sort());
    for (const [key, text] of Object.entries(bundle)) expect(text).toBe(key);
  });

  it('are literals, so that a tool can find them', () => {
    const calls = sources.reduce((sum, [, text]) => sum + [...text.matchAll(/l10n\.t\(/g)].length, 0);
    expect(calls).toBe(used.length);
  });

  it('are all that people are shown: no text goes to them by itself', () => {
    const shown =
      /(?:show(?:Information|Warning|Error)Message|setStatusBarMessage)\(\s*['"`]|\b(?:title|label|placeHolder|prompt|openLabel|tooltip|invocationMessage): ['"`](?![$'])|new Error\(['"`][A-Z]|new vscode\.CodeAction\(['"`]/;
    expect("title: 'Open'").toMatch(shown);
    const bare = sources.flatMap(([name, text]) =>
      text
        .split('\n')
        .filter((line) => shown.test(line))
        .map((line) => `${name}: ${line.trim()}`),
    );
    expect(bare).toEqual([]);
  });

  it('are shipped', () => {
    expect(readFileSync(path.join(ROOT, '.vscodeignore'), 'utf8')).toContain(
      `!${path.posix.normalize(manifest.l10n)}/*.json`,
    );
  });
});
