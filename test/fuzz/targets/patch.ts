import { jsonReport, sarifReport, textReport } from '../../../engine/report/index.ts';
import { DEFAULT_OPTIONS, reviewPatches } from '../../../engine/review/index.ts';
import { memoryTree } from '../../../engine/source/index.ts';
import { loadParser } from '../../bench/tree-run.ts';
import { sampleTree, textsBelow } from '../fixtures.ts';
import { type FuzzTarget, must } from '../target.ts';

/** The whole way of a patch, from its text to the reports, against the sample's tree. */
export async function patch(): Promise<FuzzTarget> {
  const parser = await loadParser();
  const tree = memoryTree(sampleTree());
  return {
    name: 'patch',
    seeds: () => [
      ...textsBelow('sample', ['.mbox']),
      ...textsBelow('test/fixtures/patch', ['.diff', '.patch', '.eml']),
    ],
    words: [
      ...[
        'config AREA_LOCK\n',
        '#ifdef CONFIG_AREA_LOCK\n',
        '#endif\n',
        'down_read(&area->lock);',
        'return 0;\n',
      ],
      ...[
        'mm/area.c',
        'kernel/trace/Kconfig',
        '@@ -1,9 +1,9 @@\n',
        '\n+',
        '\n-',
        '\n ',
        'goto out;\n',
        'out:\n',
      ],
    ],
    async run(text) {
      const review = await reviewPatches(
        [{ name: 'in.patch', text }],
        tree,
        { ...DEFAULT_OPTIONS, all: true },
        parser,
      );
      const lines = text.split(/\r\n|\r|\n/).length;
      for (const { inputLine, line, column } of review.findings) {
        must(line >= 1 && column >= 1, `a finding at ${line}:${column}`);
        must(
          inputLine === null || (inputLine >= 1 && inputLine <= lines),
          `input line ${inputLine} of ${lines}`,
        );
      }
      jsonReport(review);
      sarifReport(review, { version: '0', rules: [] });
      textReport(review, { color: false, width: 80, all: true });
    },
  };
}
