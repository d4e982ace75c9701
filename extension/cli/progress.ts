/** A line on the terminal that says what is being done, and is gone when it is done. */
import type { Run } from '../../engine/source/tree.ts';
import type { Host } from './host.ts';

/** How often the line is rewritten, in milliseconds. */
const INTERVAL = 100;

export interface Progress {
  readonly run: Run;
  /** Takes the line away. */
  done(): Promise<void>;
}

/** Writes to a terminal alone: a log or a pipe gets nothing. */
export function startProgress(host: Host): Progress {
  const { stderr } = host;
  if (!stderr.isTerminal || host.env.TERM === 'dumb') return { run: {}, done: async () => {} };
  const columns = stderr.columns ?? 80;
  // The first message waits too: a review that is done at once shows none.
  let last = Date.now();
  let shown = false;
  let writing = Promise.resolve();
  const write = (text: string) => {
    // A terminal that is gone is no reason to stop.
    writing = writing.then(() => stderr.write(text)).catch(() => {});
  };
  return {
    run: {
      progress(message, done, total) {
        const now = Date.now();
        if (now - last < INTERVAL) return;
        last = now;
        shown = true;
        const share = done === undefined || total === undefined ? '' : ` (${done} of ${total})`;
        write(
          `\r\u001b[K${`${message}${share}`.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').slice(0, columns - 1)}`,
        );
      },
    },
    async done() {
      if (shown) write('\r\u001b[K');
      await writing;
    },
  };
}
