// npm run package: builds and packs the extension (.vsix) and the command line (an npm tarball) into
// dist/packages. The same sources give the same bytes, whoever packs them, when and where.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAll } from '../esbuild.mjs';
import { ROOT, stageCommandLine, stageExtension } from './package/stage.mjs';

/** The date of every file in a package: the first that a zip archive can tell, in seconds since 1970. */
const DATE = '315532800';
/** Of the .vsix, in bytes. */
export const LARGEST_PACKAGE = 2 << 20;

/**
 * Builds, and packs both packages into `outdir`. Returns `{ vsix, tarball }`, each with its path, its size in
 * bytes, its SHA-256 and the files in it. Throws an Error that says what a packer said when it fails.
 */
export async function packAll(outdir = path.join(ROOT, 'dist/packages')) {
  await buildAll({ minify: true });
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  return { vsix: packExtension(outdir), tarball: packCommandLine(outdir) };
}

function packExtension(outdir) {
  const { folder, files } = stageExtension();
  const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = path.join(outdir, `${name}-${version}.vsix`);
  const vsce = path.join(ROOT, 'node_modules/@vscode/vsce/vsce');
  const flags = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
  run(process.execPath, [vsce, 'package', ...flags, '--out', file], folder);
  return described(file, files);
}

function packCommandLine(outdir) {
  const { folder, files } = stageCommandLine(path.join(ROOT, '.vscode-test/command-line'));
  const printed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', outdir], folder);
  return described(path.join(outdir, JSON.parse(printed)[0].filename), files);
}

function described(file, files) {
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
  return { file, files, size: statSync(file).size, digest };
}

function run(command, args, cwd) {
  const env = { ...process.env, SOURCE_DATE_EPOCH: DATE, TZ: 'UTC' };
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { file, files, size, digest } of Object.values(await packAll()))
    console.log(
      `${path.relative(ROOT, file)}  ${Math.ceil(size / 1024)} kB, ${files.length} files, sha256 ${digest}`,
    );
}
