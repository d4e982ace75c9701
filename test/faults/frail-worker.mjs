// A thread of reviews that dies at files named so, as one does whose engine eats all memory or is killed.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', (files) => {
  for (const { path } of files) {
    if (path.includes('exit')) process.exit(9);
    if (path.includes('throw')) throw new Error('out of memory');
    if (path.includes('fail')) {
      parentPort.postMessage({ kind: 'failure', message: 'no memory left' });
      return;
    }
  }
  const stats = { files: files.length, functions: 1, paths: 1, configs: 1, milliseconds: 1 };
  const review = { inputs: files.map((file) => file.path), findings: [], notes: [], stats };
  parentPort.postMessage({ kind: 'progress', message: 'at it' });
  parentPort.postMessage({ kind: 'review', review });
});
