import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error a build script, without types
import { buildAll } from '../../esbuild.mjs';
import { TOOLS } from '../../extension/tools/tools.ts';
import manifest from '../../package.json' with { type: 'json' };
import { ROOT } from '../server/bundle.ts';

/** The program as it is shipped, asked by the protocol's own client. */
const OUT = '.vscode-test/tools/mcp';
const PROGRAM = path.join(ROOT, OUT, 'lock-review.cjs');
const SAMPLE = path.join(ROOT, 'sample');
const SERIES = path.join(SAMPLE, 'series.mbox');

let client: Client;

beforeAll(async () => {
  await buildAll({ outdir: OUT });
  client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [PROGRAM, 'mcp'], cwd: SAMPLE }),
  );
});
afterAll(() => client.close());

async function ask(name: string, input: object): Promise<{ text: string; failed: boolean }> {
  const { content, isError } = await client.callTool({ name, arguments: { ...input } });
  const [{ text }] = content as [{ text: string }];
  return { text, failed: isError === true };
}

const commandLine = (...args: string[]) =>
  spawnSync(process.execPath, [PROGRAM, ...args], { cwd: SAMPLE, encoding: 'utf8' }).stdout;
const findings = (json: string) => JSON.parse(json).findings;

describe('lock-review mcp', () => {
  it('introduces itself, and offers two tools that only read', async () => {
    expect(client.getServerVersion()).toMatchObject({ name: 'lock-review', version: manifest.version });
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(['lock_review_check', 'lock_review_simulate']);
    for (const tool of tools) {
      expect(tool.annotations).toMatchObject({ readOnlyHint: true });
      expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
    }
  });

  it('checks a patch that is sent, or named, as the command line does', async () => {
    const expected = findings(commandLine('check', '--format', 'json', '--tree', 'tree', 'series.mbox'));
    expect(expected.length).toBeGreaterThan(2);
    const sent = await ask('lock_review_check', {
      patch: readFileSync(SERIES, 'utf8'),
      tree: 'tree',
    });
    const named = await ask('lock_review_check', { input: 'series.mbox', tree: 'tree' });
    expect(findings(sent.text)).toEqual(expected);
    expect(findings(named.text)).toEqual(expected);
    expect(sent.failed).toBe(false);
  });

  it('passes on what is held fixed', async () => {
    const input = { input: 'series.mbox', tree: 'tree' };
    const { text } = await ask('lock_review_check', { ...input, config: { CONFIG_AREA_TRACE: 'n' } });
    const expected = commandLine(
      ...['check', '--format=json', '--tree=tree', '--config=CONFIG_AREA_TRACE=n', 'series.mbox'],
    );
    expect(findings(text)).toEqual(findings(expected));
  });

  it('simulates, as the command line does', async () => {
    const input = { input: 'series.mbox', tree: 'tree' };
    const answer = await ask('lock_review_simulate', input);
    const run = spawnSync(
      process.execPath,
      [PROGRAM, 'simulate', '--format=json', '--max-time=30', '--tree=tree', 'series.mbox'],
      { cwd: SAMPLE, encoding: 'utf8' },
    );
    expect(answer.failed).toBe(run.status === 2);
    if (answer.failed) expect(`lock-review: ${answer.text}`).toBe(run.stderr);
    else {
      const plain = (json: string) =>
        JSON.parse(json).map(({ numbers: _, ...result }: { numbers: object }) => result);
      expect(plain(answer.text)).toEqual(plain(run.stdout));
    }
  });

  it.each([
    [{}, "expected either 'patch' or 'input'"],
    [{ patch: 'x', input: 'y' }, "expected either 'patch' or 'input'"],
    [{ patch: 7 }, "'patch': expected a string"],
    [{ patch: 'x', all: 'yes' }, "'all': expected a boolean"],
    [{ patch: 'x', config: { CONFIG_A: 'maybe' } }, "'config': expected values of y, m, n"],
    [{ patch: 'x', output: '/tmp/x' }, "there is no 'output': expected patch, input, tree, config, all"],
    [{ input: '--output=x' }, '--output=x: cannot be read: there is no such file'],
    [{ input: 'none.patch' }, 'none.patch: cannot be read: there is no such file'],
    [{ patch: 'hello' }, 'standard input: '],
  ])('answers %j with what is wrong, and goes on', async (input, problem) => {
    const answer = await ask('lock_review_check', input);
    expect(answer.failed).toBe(true);
    expect(answer.text).toContain(problem);
    expect((await client.listTools()).tools).toHaveLength(2);
  });

  it('refuses a tool that it has not', async () => {
    await expect(client.callTool({ name: 'lock_review_apply', arguments: {} })).rejects.toThrow('no tool');
  });

  it('answers calls that arrive together, each with its own report', async () => {
    const [one, two] = await Promise.all([
      ask('lock_review_check', { input: 'series.mbox', tree: 'tree' }),
      ask('lock_review_check', { input: 'tree/mm/area.c', tree: 'tree' }),
    ]);
    expect(findings(one!.text).length).toBeGreaterThan(0);
    expect(findings(two!.text)).toEqual([]);
  });

  it('ends when its client goes', () => {
    const { status, stdout } = spawnSync(process.execPath, [PROGRAM, 'mcp'], { input: '', encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, '']);
  });
});

describe('the tools that the manifest offers to VS Code', () => {
  it('are those of the protocol, word for word', () => {
    const declared = manifest.contributes.languageModelTools.map((tool) => ({
      name: tool.name,
      title: tool.displayName,
      description: tool.modelDescription,
      inputSchema: tool.inputSchema,
    }));
    expect(declared).toEqual(
      TOOLS.map(({ name, title, description, inputSchema }) => ({ name, title, description, inputSchema })),
    );
  });
});
