// Runs one of the measuring scripts of test/bench as one bundle: read as separate modules, the same code takes
// several times as long.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [name, ...args] = process.argv.slice(2);
const outdir = path.join(ROOT, 'dist', 'bench');
await build({
  // The panel is measured in a process of its own.
  entryPoints: [
    { in: path.join(ROOT, 'test/bench', `${name}.ts`), out: name },
    { in: path.join(ROOT, 'test/panel/step-time.ts'), out: 'step-time' },
  ],
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  packages: 'external',
  // Beside `dist/bench` as beside any folder of tests.
  external: ['../../esbuild.mjs'],
  platform: 'node',
  format: 'esm',
  logLevel: 'warning',
});
// A profile is of the rows that it names, and of nothing else.
const profile = args.indexOf('--profile');
const folder = path.join(ROOT, '.vscode-test', 'profile');
const file = `${name}-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}.cpuprofile`;
if (profile >= 0) args[profile] = '--only';
const flags = profile < 0 ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${file}`];
const { status } = spawnSync(process.execPath, [...flags, path.join(outdir, `${name}.mjs`), ...args], {
  stdio: 'inherit',
});
if (profile >= 0) console.log(`profile: ${path.join(folder, file)}`);
process.exitCode = status ?? 1;
