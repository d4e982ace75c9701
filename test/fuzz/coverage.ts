/**
 * Which code has run, from V8 itself: in its binary mode it tells little but what ran for the first time, so that
 * asking after every text is cheap.
 */
import { type Profiler, Session } from 'node:inspector';

export interface Coverage {
  /** How many blocks ran for the first time since the last call. */
  fresh(): number;
}

/** Starts counting in this thread. @param file only code of this file counts; its name or the end of its URL. */
export async function startCoverage(file: string): Promise<Coverage> {
  const session = new Session();
  session.connect();
  const post = (method: 'Profiler.enable' | 'Profiler.startPreciseCoverage', parameters: object = {}) =>
    new Promise<void>((resolve, reject) =>
      session.post(method, parameters, (error) => (error ? reject(error) : resolve())),
    );
  await post('Profiler.enable');
  await post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  const known = new Set<number>();
  return {
    fresh() {
      const before = known.size;
      // The callback comes before `post` returns: the session is in this very thread.
      session.post(
        'Profiler.takePreciseCoverage',
        (error: Error | null, found: Profiler.TakePreciseCoverageReturnType) => {
          if (error) throw error;
          for (const script of found.result) {
            if (!script.url.endsWith(file)) continue;
            // A bundle is shorter than 64 MB: both offsets fit into one number.
            for (const { ranges } of script.functions)
              for (const { startOffset, endOffset, count } of ranges)
                if (count > 0) known.add(startOffset * 2 ** 26 + endOffset);
          }
        },
      );
      return known.size - before;
    },
  };
}
