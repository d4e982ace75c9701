/** What the extension says can be translated: each text is in the bundle that translators start from. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { say, useTexts } from '../../extension/server/texts.ts';
import manifest from '../../package.json' with { type: 'json' };
import { ROOT } from './bundle.ts';

const sourcesIn = (folder: string) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name, readFileSync(path.join(ROOT, folder, name), 'utf8')] as const);
const sources = sourcesIn('extension/client');
/** Those of the server, to which the client hands the translations over. */
const served = sourcesIn('extension/server');

const bundle: Record<string, string> = JSON.parse(
  readFileSync(path.join(ROOT, manifest.l10n, 'bundle.l10n.json'), 'utf8'),
);

/** The first arguments of `l10n.t(…)` and `say(…)`, which are literals. */
const literals = (files: typeof sources, call: string) =>
  files.flatMap(([, text]) =>
    [...text.matchAll(new RegExp(`${call}\\(\\s*'((?:[^'\\\\]|\\\\.)*)'`, 'g'))].map(([, key = '']) =>
      key.replaceAll("\\'", "'"),
    ),
  );
const ofClient = literals(sources, 'l10n\\.t');
const ofServer = literals(served, '\\bsay');
const used = [...ofClient, ...ofServer];

describe('the texts of the extension', () => {
  it('are in the bundle, all of them and no others', () => {
    expect(used.length).toBeGreaterThan(30);
    expect(Object.keys(bundle).sort()).toEqual([...new Set(used)].sort());
    for (const [key, text] of Object.entries(bundle)) expect(text).toBe(key);
  });

  it('are literals, so that a tool can find them', () => {
    const calls = (files: typeof sources, call: RegExp) =>
      files.reduce((sum, [, text]) => sum + [...text.matchAll(call)].length, 0);
    expect(calls(sources, /l10n\.t\(/g)).toBe(ofClient.length);
    expect(ofServer.length).toBeGreaterThan(30);
    // All but the declaration.
    expect(calls(served, /\bsay\(/g) - 1).toBe(ofServer.length);
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

  it('are said by the server in the language of its editor', () => {
    useTexts({ '{0} findings': '{0} Befunde', 'Contract from {0}': 'Vertrag aus {0}', Simulate: 7 });
    expect(say('{0} findings', 3)).toBe('3 Befunde');
    expect(say('Contract from {0}', '$& {0}')).toBe('Vertrag aus $& {0}');
    expect(say('Simulate')).toBe('Simulate');
    useTexts(undefined);
    expect(say('{0} findings', 3)).toBe('3 findings');
  });

  it('are shipped', () => {
    expect(readFileSync(path.join(ROOT, '.vscodeignore'), 'utf8')).toContain(
      `!${path.posix.normalize(manifest.l10n)}/*.json`,
    );
  });
});
