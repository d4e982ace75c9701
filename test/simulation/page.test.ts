import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { panelPage } from '../../extension/simulation/page.ts';
import { ROOT } from '../server/bundle.ts';

describe("the panel's page", () => {
  const page = panelPage({
    script: 'https://x/panel.js',
    style: 'https://x/panel.css',
    source: 'https://x',
    nonce: 'abc',
  });

  it('may load its own script and style sheet, and nothing else', () => {
    const [, policy = ''] = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(page) ?? [];
    const rules = policy
      .split(';')
      .map((rule) => rule.trim())
      .filter(Boolean);
    expect(rules[0]).toBe("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|data:|blob:/);
    for (const rule of rules.slice(1))
      for (const source of rule.split(/\s+/).slice(1)) expect(["'nonce-abc'", 'https://x']).toContain(source);
    for (const [tag] of page.matchAll(/<script[^>]*>/g))
      expect(tag).toMatch(/nonce="abc".*src=|src=.*nonce="abc"/);
    expect(page).not.toMatch(/<style|\son\w+=|style="/);
  });

  it('is shown with the folder of its own files as the only one, and forgotten while it is hidden', () => {
    const text = readFileSync(path.join(ROOT, 'extension/client/simulation/panel.ts'), 'utf8');
    expect(text).toMatch(/localResourceRoots: \[vscode\.Uri\.joinPath\(extension, 'dist\/media'\)\]/);
    expect(text).not.toMatch(/retainContextWhenHidden/);
  });
});
