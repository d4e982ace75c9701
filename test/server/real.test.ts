import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error a build script, without types
import { buildAll } from '../../esbuild.mjs';
import { REVIEW_NOW } from '../../extension/server/messages.ts';
import { ROOT } from './bundle.ts';
import { startClient } from './client.ts';

/** The server as it is shipped, engine and all, against the command line: the same findings in the same places. */
const OUT = '.vscode-test/server/real';
const CLI = path.join(ROOT, OUT, 'lock-review.cjs');
const SAMPLE = path.join(ROOT, 'sample');
const SERIES = path.join(SAMPLE, 'series.mbox');

beforeAll(async () => {
  await buildAll({ outdir: OUT });
});

interface Reported {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly inputLine: number | null;
}

function commandLine(...args: string[]): Promise<Reported[]> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [CLI, 'check', ...args, '--format', 'json'], (error, stdout, stderr) => {
      if (stdout === '') reject(error ?? new Error(stderr));
      else resolve((JSON.parse(stdout) as { findings: Reported[] }).findings);
    });
  });
}

describe('the bundles', () => {
  const inputsOf = (name: string) => {
    const meta = JSON.parse(readFileSync(path.join(ROOT, OUT, 'meta.json'), 'utf8')) as {
      outputs: Record<string, { inputs: object }>;
    };
    return Object.keys(meta.outputs[`${OUT}/${name}`]?.inputs ?? {});
  };

  it('that activation loads is the entry alone', () => {
    expect(inputsOf('extension.cjs')).toEqual(['extension/client/main.ts']);
  });
  it('for a browser are a file each, and need nothing of Node', () => {
    const meta = JSON.parse(readFileSync(path.join(ROOT, OUT, 'meta.json'), 'utf8')) as {
      outputs: Record<string, { imports: { path: string }[]; inputs: object }>;
    };
    for (const name of ['browser/extension.cjs', 'browser/server.js']) {
      const { imports, inputs } = meta.outputs[`${OUT}/${name}`]!;
      expect(new Set(imports.map((one) => one.path)), name).toEqual(
        new Set(name.includes('extension') ? ['vscode'] : []),
      );
      // What the parser's library would ask of Node, it asks only where it finds Node; nothing of ours does.
      const left = Object.keys(inputs).filter((file) => /^\(disabled\):|^node:/.test(file));
      expect(
        left.filter((file) => !['(disabled):fs/promises', '(disabled):module'].includes(file)),
        name,
      ).toEqual([]);
      expect(inputs, name).not.toHaveProperty(['extension/tree/directory-tree.ts']);
    }
    const text = readFileSync(path.join(ROOT, OUT, 'browser/server.js'), 'utf8');
    expect(text).not.toMatch(/require\(["']node:/);
  });
  it('that the editor loads hold nothing of the engine', () => {
    for (const name of ['session.cjs', 'server.cjs']) {
      expect(inputsOf(name).length, name).toBeGreaterThan(5);
      const engine = inputsOf(name).filter((file) =>
        /^engine\/(?:c|check|state|review|simulate)\//.test(file),
      );
      expect(engine, name).toEqual([]);
    }
  });
});

describe('the language server with the engine', () => {
  it('finds in the sample what the command line finds, on the same lines', async () => {
    const expected = await commandLine(SERIES, '--tree', path.join(SAMPLE, 'tree'));
    const client = await startClient([process.execPath, CLI, 'serve', '--stdio'], { folder: SAMPLE });
    const uri = pathToFileURL(SERIES).href;
    client.open(uri, 'diff', readFileSync(SERIES, 'utf8'));
    await client.connection.sendRequest(REVIEW_NOW, { uri });
    const found = [...new Set(client.published.map((params) => params.uri))].flatMap((file) =>
      (client.published.findLast((params) => params.uri === file)?.diagnostics ?? [])
        .filter((d) => d.code !== 'not-checked')
        .map((d) => `${d.code} ${path.basename(fileURLToPath(file))}:${d.range.start.line + 1}`),
    );
    const wanted = expected.map(({ rule, file, line, inputLine }) =>
      inputLine === null ? `${rule} ${path.basename(file)}:${line}` : `${rule} series.mbox:${inputLine}`,
    );
    expect(found.sort()).toEqual(wanted.sort());
    for (const rule of ['null-lock-argument', 'config-imbalance', 'stale-config', 'unused-label'])
      expect(expected.map((one) => one.rule)).toContain(rule);
    expect(await client.shutdown()).toBe(0);
  });

  it('explains each rule on a page that is there', async () => {
    const client = await startClient([process.execPath, CLI, 'serve', '--stdio'], { folder: SAMPLE });
    const uri = pathToFileURL(SERIES).href;
    client.open(uri, 'diff', readFileSync(SERIES, 'utf8'));
    for (const { code, codeDescription } of await client.diagnostics(uri, (all) => all.length > 0))
      if (code !== 'not-checked')
        expect(readFileSync(fileURLToPath(codeDescription?.href ?? ''), 'utf8')).toContain(`# ${code}`);
  });

  it('finds nothing in a sample that was put right', async () => {
    const series = readFileSync(SERIES, 'utf8')
      .replace(
        '+	locked = vma_start_read_locked(vma);',
        '+	vma = vma_lookup(mm, address);\n+	locked = vma && vma_start_read_locked(vma);',
      )
      .replace(
        '@@ -12,6 +12,28 @@ struct vm_area_struct *area_get(',
        '@@ -12,6 +12,29 @@ struct vm_area_struct *area_get(',
      );
    const client = await startClient([process.execPath, CLI, 'serve', '--stdio'], { folder: SAMPLE });
    client.open('untitled:right.mbox', 'diff', series);
    await client.connection.sendRequest(REVIEW_NOW, { uri: 'untitled:right.mbox' });
    const rules = (await client.diagnostics('untitled:right.mbox', () => true)).map((d) => d.code);
    expect(rules).not.toContain('null-lock-argument');
  });
});
