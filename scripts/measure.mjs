// Runs one of the measuring scripts of test/bench as one bundle: read as separate modules, the same code takes
// several times as long.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [name, ...args] = process.argv.slice(2);
const outfile = path.join(ROOT, 'dist', 'bench', `${name}.mjs`);
await build({
  entryPoints: [path.join(ROOT, 'test/bench', `${name}.ts`)],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, [outfile, ...args], { stdio: 'inherit' });
process.exitCode = status ?? 1;
