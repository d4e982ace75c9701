import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { textReport } from '../../engine/report/index.ts';
import { readSettings } from '../../extension/server/settings.ts';
import manifest from '../../package.json' with { type: 'json' };
import strings from '../../package.nls.json' with { type: 'json' };
import { sample } from '../engine/report/sample.ts';
import { ROOT } from './bundle.ts';

const { contributes } = manifest;
const text = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const filesBelow = (folder: string) =>
  readdirSync(path.join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)));
const clientSource = filesBelow('extension/client').map(text).join('\n');
const placeholders = [...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key);

describe('the manifest', () => {
  it('activates for patches and kernel trees, never at startup', () => {
    expect(manifest.activationEvents).toEqual([
      'onLanguage:diff',
      'workspaceContains:include/linux/lockdep.h',
      'onWebviewPanel:lockReview.simulation',
      'onDebugResolve:lock-review',
    ]);
  });

  it('takes its texts from package.nls.json, all of them and no others', () => {
    expect([...new Set(placeholders)].sort()).toEqual(Object.keys(strings).sort());
  });

  it('names commands in one category, by imperative titles, and each is registered', () => {
    for (const { command, title, category } of contributes.commands) {
      const [, verb = ''] = /^lockReview\.([a-z]+(?:[A-Z]\w*)?)$/.exec(command) ?? [];
      expect(verb, command).not.toBe('');
      expect(category).toBe('Lock Review');
      expect(title).toBe(`%command.${verb}%`);
      expect(clientSource, command).toMatch(new RegExp(`'(?:lockReview\\.)?${verb}'`));
    }
  });

  it('gives every setting a default, a scope, an order and a description', () => {
    const entries = Object.entries(contributes.configuration.properties);
    expect(entries.length).toBeGreaterThan(0);
    for (const [name, setting] of entries) {
      expect(name).toMatch(/^lockReview\./);
      expect(setting, name).toMatchObject({ scope: expect.any(String), order: expect.any(Number) });
      expect(setting, name).toHaveProperty('default');
      expect(setting.markdownDescription, name).toMatch(/^%.*%$/);
    }
    expect(new Set(entries.map(([, setting]) => setting.order)).size).toBe(entries.length);
  });

  it('has defaults that the server takes without a complaint', () => {
    const defaults = Object.fromEntries(
      Object.entries(contributes.configuration.properties).map(([name, { default: value }]) => [
        name.slice('lockReview.'.length),
        value,
      ]),
    );
    expect(readSettings(defaults).problems).toEqual([]);
  });

  it('declares what Restricted Mode means, for settings that exist', () => {
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    expect(untrustedWorkspaces.supported).toBe('limited');
    for (const setting of untrustedWorkspaces.restrictedConfigurations)
      expect(contributes.configuration.properties).toHaveProperty([setting]);
    expect(virtualWorkspaces.supported).toBe('limited');
  });

  it('needs the oldest editor whose types it is compiled against', () => {
    expect(manifest.engines.vscode).toBe(manifest.devDependencies['@types/vscode'].replace('~', '^'));
  });

  it('reads the findings of the text report, all of them, as problems', () => {
    const [{ pattern }] = contributes.problemMatchers as [(typeof contributes.problemMatchers)[0]];
    const [head, blank, message] = pattern.map(({ regexp }) => new RegExp(regexp)) as [
      RegExp,
      RegExp,
      RegExp,
    ];
    const lines = textReport(sample, { color: false, width: 80, all: true }).split('\n');
    const problems = lines.flatMap((line, at) => {
      const found = head.exec(line);
      const said = message.exec(lines[at + 2] ?? '');
      return found && said && blank.test(lines[at + 1] ?? 'x')
        ? [[...found.slice(1, 6), said[1]].join('|')]
        : [];
    });
    const shown = sample.findings.filter(({ status }) => status !== 'fixed');
    expect(problems.map((one) => one.split('|').slice(0, 5).join('|')).sort()).toEqual(
      shown.map(({ file, line, column, level, rule }) => [file, line, column, level, rule].join('|')).sort(),
    );
    // The first line of the report's own wrapping is what a problem shows.
    for (const { message: full } of shown)
      expect(
        problems.some((one) => full.startsWith(one.split('|')[5] ?? '?')),
        full,
      ).toBe(true);
  });

  it('has at most five keywords', () => {
    expect(manifest.keywords.length).toBeLessThanOrEqual(5);
  });

  it('names files that are there', () => {
    for (const command of Object.values(manifest.scripts)) {
      const file = /^node (\S+)/.exec(command)?.[1];
      if (file !== undefined) expect(existsSync(path.join(ROOT, file)), command).toBe(true);
    }
  });

  it('runs no script when it is installed', () => {
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare'];
    expect(Object.keys(manifest.scripts).filter((name) => hooks.includes(name))).toEqual([]);
  });

  it('names no registry in the lock file', () => {
    const lock = JSON.parse(text('package-lock.json')) as { packages: Record<string, { resolved?: string }> };
    expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  it('sends nothing home', () => {
    for (const folder of ['extension/client', 'extension/server', 'extension/simulation', 'media/panel'])
      for (const file of filesBelow(folder))
        expect(text(file), file).not.toMatch(/telemetry|https?\.(?:get|request)\(|\bfetch\(/i);
  });

  it('has an icon that marketplaces take, of 128 pixels or more, and a category that they know', () => {
    const icon = readFileSync(path.join(ROOT, manifest.icon));
    expect(icon.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect(icon.readUInt32BE(16)).toBeGreaterThanOrEqual(128);
    expect(icon.readUInt32BE(20)).toBe(icon.readUInt32BE(16));
    const known = ['Linters', 'Testing', 'Visualization', 'Debuggers', 'Other'];
    expect(manifest.categories.filter((one) => !known.includes(one))).toEqual([]);
  });

  it('ships by a list of what is allowed', () => {
    const [first, ...rest] = text('.vscodeignore').split('\n').filter(Boolean);
    expect(first).toBe('**');
    expect(rest.filter((line) => !line.startsWith('!'))).toEqual([]);
    for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md', 'package.nls.json'])
      expect(rest).toContain(`!${file}`);
  });

  it('has an entry for each kind of host, and says what both lack', () => {
    expect([manifest.main, manifest.browser]).toEqual([
      './dist/extension.cjs',
      './dist/browser/extension.cjs',
    ]);
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    for (const one of [untrustedWorkspaces, virtualWorkspaces]) {
      expect(one.supported).toBe('limited');
      expect(one.description).toMatch(/^%.*%$/);
    }
  });

  it('hides what cannot work: commands that need a place are not in the palette', () => {
    const palette = new Map(contributes.menus.commandPalette.map((one) => [one.command, one.when]));
    const titles = Object.entries(contributes.menus).filter(([menu]) => /context|title/.test(menu));
    // What is only offered at a node or a thread has no meaning without one.
    for (const { command } of contributes.commands) {
      const offers = titles.flatMap(([menu, items]) =>
        items.flatMap((item) => (item.command === command ? menu : [])),
      );
      const isOfNodes = offers.length > 0 && offers.every((menu) => /item|Thread/.test(menu));
      if (isOfNodes) expect([command, palette.has(command)]).toEqual([command, true]);
    }
    for (const command of palette.keys())
      expect(contributes.commands.map((one) => one.command)).toContain(command);
    // What starts git waits for trust.
    for (const { command, enablement } of contributes.commands as readonly {
      command: string;
      enablement?: string;
    }[])
      if (/CommitRange|Branch|WorkingTree/.test(command)) expect(enablement).toContain('isWorkspaceTrusted');
  });

  it('has few views, each with an icon and something to say when it is empty', () => {
    const views = Object.values(contributes.views).flat();
    expect(views.length).toBeLessThanOrEqual(3);
    for (const view of views) {
      expect(filesBelow('media')).toContain(view.icon);
      expect(contributes.viewsWelcome.some((one) => one.view === view.id)).toBe(true);
    }
    for (const [container] of Object.entries(contributes.views))
      expect(contributes.viewsContainers.activitybar.map((one) => one.id)).toContain(container);
  });

  it('has one walkthrough of few steps, each with a picture that follows the theme and a command', () => {
    expect(contributes.walkthroughs).toHaveLength(1);
    const [{ steps }] = contributes.walkthroughs as [(typeof contributes.walkthroughs)[0]];
    expect(steps.length).toBeLessThanOrEqual(6);
    for (const step of steps) {
      expect(text(step.media.svg)).toMatch(/var\(--vscode-/);
      const key = step.description.replaceAll('%', '') as keyof typeof strings;
      expect(strings[key], step.id).toMatch(/\(command:/);
    }
  });

  it('is quiet: one item in the status bar, without colours, and no message that no command asked for', () => {
    expect(clientSource.match(/createStatusBarItem\(/g)).toHaveLength(1);
    expect(clientSource).not.toMatch(/statusBarItem\.(?:error|warning|prominent)|\.backgroundColor/);
    for (const part of ['status', 'series-view', 'comments', 'finding-words'])
      expect(text(`extension/client/${part}.ts`)).not.toMatch(/show(?:Information|Warning|Error)Message/);
    expect(
      contributes.commands
        .map(({ command }) => strings[`command.${command.split('.')[1]}` as keyof typeof strings])
        .filter((title) => /\p{Emoji_Presentation}|extension|settings/iu.test(title)),
    ).toEqual([]);
  });
});
