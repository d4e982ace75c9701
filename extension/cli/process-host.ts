/** The host of a real process. */
import type { Host, Stream } from './host.ts';

export function processHost(): Host {
  return {
    cwd: process.cwd(),
    env: process.env,
    stdout: streamOf(process.stdout),
    stderr: streamOf(process.stderr),
    async readStdin(limit) {
      const chunks: Buffer[] = [];
      let total = 0;
      for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
        total += chunk.length;
        if (total > limit) return null;
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
  };
}

function streamOf(stream: NodeJS.WriteStream): Stream {
  // A write's own callback has the error; without a listener it would also end the process.
  stream.on('error', () => {});
  return {
    isTerminal: stream.isTTY === true,
    columns: stream.isTTY ? stream.columns : undefined,
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      }),
  };
}
