// npm run lint:patches -- [--tree DIR] [--fail-on LEVEL] FILE_OR_FOLDER...
//
// Runs the packaged extension in a real VS Code over patches and mails, prints what it finds there, one
// finding a line, and ends with status 1 if the patches introduce something at or above the level (error if not
// said), 2 if something could not be used. What it finds is what `lock-review check` finds.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { nodeBundle } from '../esbuild.mjs';
import { emptyExtension, findExecutable, install } from '../test/host/run.mjs';
import { writeSettings } from '../test/host/server.mjs';
import { packAll } from './package.mjs';

const LINTED = /\.(?:patch|diff|mbox|mbx|eml)$/i;
const LEVELS = ['error', 'warning', 'note'];

process.exitCode = await main();

async function main() {
  const order = readOrder();
  if (typeof order === 'string') {
    console.error(`lint:patches: ${order}`);
    return 2;
  }
  const scratch = mkdtempSync(path.join(tmpdir(), 'lock-review-lint-'));
  try {
    const findings = await lint(order, scratch);
    for (const { file, line, column, level, rule, message } of findings)
      console.log(`${file}:${line}:${column}: ${level}: ${message} [${rule}]`);
    const failing = findings.filter(({ level }) => order.failing.includes(level));
    console.log(`${order.files.length} files, ${findings.length} findings`);
    return failing.length > 0 ? 1 : 0;
  } catch (error) {
    console.error(`lint:patches: ${error instanceof Error ? error.message : error}`);
    return 2;
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What the arguments ask for, or what is wrong with them. */
function readOrder() {
  let parsed;
  try {
    const options = { tree: { type: 'string' }, 'fail-on': { type: 'string', default: 'error' } };
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return error.message;
  }
  const { values, positionals } = parsed;
  const level = LEVELS.indexOf(values['fail-on']);
  if (level < 0 && values['fail-on'] !== 'never')
    return `--fail-on: '${values['fail-on']}' is not one of error, warning, note, never`;
  if (values.tree !== undefined && !existsSync(values.tree))
    return `--tree: there is no folder '${values.tree}'`;
  if (positionals.length === 0) return 'expected patches, or a folder with patches';
  const files = [];
  for (const given of positionals) {
    if (!existsSync(given)) return `there is no file '${given}'`;
    files.push(...filesOf(given));
  }
  if (files.length === 0) return `there is no patch in '${positionals.join("', '")}'`;
  const tree = values.tree === undefined ? '' : path.resolve(values.tree);
  return { files, tree, failing: LEVELS.slice(0, level + 1) };
}

/** A file as it is; of a folder, every patch and mail below it, in order. */
function filesOf(given) {
  if (!statSync(given).isDirectory()) return [path.resolve(given)];
  return readdirSync(given, { recursive: true })
    .map((name) => path.resolve(given, name))
    .filter((file) => LINTED.test(file) && statSync(file).isFile())
    .sort();
}

/** The findings of the installed extension, in the order of the files and their lines. */
async function lint({ files, tree }, scratch) {
  const { vsix } = await packAll(path.join(scratch, 'packages'));
  const suite = path.join(scratch, 'lint.cjs');
  await build({ ...nodeBundle, entryPoints: ['test/client/lint.ts'], outfile: suite });
  const executable = await findExecutable();
  const extensions = path.join(scratch, 'extensions');
  await install(vsix.file, executable, extensions, scratch);
  const userData = path.join(scratch, 'user');
  writeSettings(userData, { 'lockReview.tree': tree });
  const result = path.join(scratch, 'findings.json');
  await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: emptyExtension(scratch),
    extensionTestsPath: suite,
    extensionTestsEnv: { LOCK_REVIEW_RESULT: result, LOCK_REVIEW_FILES: JSON.stringify(files) },
    launchArgs: [path.dirname(files[0]), ...['--user-data-dir', userData, '--extensions-dir', extensions]],
  });
  // A suite that never ran ends with status 0 too.
  if (!existsSync(result)) throw new Error('VS Code ended without a result');
  const { findings, problems } = JSON.parse(readFileSync(result, 'utf8'));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return findings.map((finding) => ({ ...finding, file: path.relative(process.cwd(), finding.file) }));
}
