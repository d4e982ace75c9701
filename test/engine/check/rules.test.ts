import { describe, expect, it } from 'vitest';
import { allRules } from '../../../engine/check/index.ts';
import { DEFAULT_OPTIONS } from '../../../engine/review/index.ts';
import { reviewFiles } from '../../../engine/review/review-files.ts';
import { testParser } from '../parser.ts';
import { fixtures } from './oracle.ts';

describe('rules say of each fixture what its oracles say, and nothing else', () => {
  for (const fixture of fixtures('rules')) {
    it(fixture.path, async () => {
      const review = await reviewFiles(
        [{ path: fixture.path, text: fixture.text }],
        null,
        DEFAULT_OPTIONS,
        await testParser(),
      );
      const said = review.findings.map((one) => `${one.line} ${one.rule}: ${one.message}`);
      const missing = fixture.expected.filter(
        (wanted) =>
          !review.findings.some(
            (one) =>
              one.line === wanted.line && one.rule === wanted.rule && one.message.includes(wanted.words),
          ),
      );
      expect({ missing, said: said.length }, said.join('\n')).toEqual({
        missing: [],
        said: fixture.expected.length,
      });
    });
  }
});

describe('every rule', () => {
  for (const rule of allRules()) {
    it(`${rule.id} has text and an example each way`, () => {
      for (const text of Object.values(rule.doc)) expect(text.length).toBeGreaterThan(10);
      expect(rule.doc.what.endsWith('.')).toBe(true);
    });
  }
});
