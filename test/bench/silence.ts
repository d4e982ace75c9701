/**
 * How quiet the checker is on code that is right: every finding of `check --all` over whole folders, by rule
 * and per 1,000 functions. `--list` prints each finding, `--rule ID` only those of one rule.
 */
import { DEFAULT_OPTIONS } from '../../engine/review/options.ts';
import { reviewFiles } from '../../engine/review/review-files.ts';
import { loadParser, openRun, printTable } from './tree-run.ts';

const { tree, files, values } = await openRun({ list: { type: 'boolean' }, rule: { type: 'string' } });
const parser = await loadParser();
const started = Date.now();
const review = await reviewFiles(
  files.map((path) => ({ path })),
  tree,
  { ...DEFAULT_OPTIONS, all: true },
  parser,
);
const seconds = (Date.now() - started) / 1000;

if (values.list || values.rule) {
  for (const finding of review.findings) {
    if (typeof values.rule === 'string' && finding.rule !== values.rule) continue;
    console.log(
      `${finding.file}:${finding.line}: ${finding.level}: ${finding.rule}: ${finding.function}: ${finding.message}`,
    );
  }
}
const byRule = new Map<string, { level: string; count: number }>();
for (const { rule, level } of review.findings) {
  const known = byRule.get(rule);
  if (known) known.count++;
  else byRule.set(rule, { level, count: 1 });
}
const per = (count: number) => ((1000 * count) / Math.max(1, review.stats.functions)).toFixed(2);
const rows = [...byRule].sort().map(([rule, { level, count }]) => [rule, level, count, per(count)]);
for (const level of ['error', 'warning', 'note']) {
  const count = review.findings.filter((finding) => finding.level === level).length;
  rows.push([`all ${level}s`, level, count, per(count)]);
}
printTable(['rule', 'level', 'findings', 'per 1,000 functions'], rows);
const outOfBudget = review.notes.filter((note) => note.message.includes('too many paths'));
for (const note of outOfBudget) console.log(`${note.file}:${note.line}: ${note.message}`);
console.log(
  `${review.stats.files} files, ${review.stats.functions} functions, ${outOfBudget.length} out of budget, ${seconds.toFixed(1)} s, ` +
    `${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`,
);
