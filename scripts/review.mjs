// npm run review: builds the command line, reviews the sample series with it, and says how to see the same
// in VS Code. The sample's findings are what it is for, so exit status 1 is a success here.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAll } from '../esbuild.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

await buildAll();
const args = ['dist/lock-review.cjs', 'check', 'sample/series.mbox', '--tree', 'sample/tree'];
console.log(`lock-review ${args.slice(1).join(' ')}\n`);
const { status, error } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
if (error) throw error;
if (status === 1) console.log('\nTo see the same in VS Code: npm start');
else console.error(`\nThe review of the sample should find something; it ended with status ${status}.`);
process.exitCode = status === 1 ? 0 : 1;
