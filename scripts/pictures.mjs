// npm run pictures: takes the README's pictures of the extension in a real VS Code, into media/readme.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { buildAll, nodeBundle } from '../esbuild.mjs';
import { findExecutable } from '../test/host/run.mjs';
import { writeSettings } from '../test/host/server.mjs';
import { ROOT, stageExtension } from './package/stage.mjs';

const PICTURES = ['series', 'hover', 'simulation'];

await buildAll({ minify: true });
const scratch = mkdtempSync(path.join(tmpdir(), 'lock-review-pictures-'));
const at = (name) => path.join(scratch, name);
try {
  cpSync(path.join(ROOT, 'sample'), at('sample'), { recursive: true });
  await build({ ...nodeBundle, entryPoints: ['test/client/pictures.ts'], outfile: at('pictures.cjs') });
  writeSettings(at('user'), { 'editor.fontSize': 13, 'workbench.activityBar.location': 'default' });
  await runTests({
    vscodeExecutablePath: await findExecutable(),
    extensionDevelopmentPath: stageExtension().folder,
    extensionTestsPath: at('pictures.cjs'),
    extensionTestsEnv: { HOST_SCREENS: at('screens') },
    launchArgs: [at('sample'), '--user-data-dir', at('user'), '--extensions-dir', at('extensions')],
  });
  const readme = path.join(ROOT, 'media/readme');
  mkdirSync(readme, { recursive: true });
  for (const name of PICTURES) cpSync(at(`screens/${name}.png`), path.join(readme, `${name}.png`));
} finally {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}
