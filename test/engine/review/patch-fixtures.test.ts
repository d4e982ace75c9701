import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS, reviewPatches } from '../../../engine/review/index.ts';
import { testParser } from '../parser.ts';
import { patchFixtures } from './patch-fixture.ts';

describe('rules on a before and an after say what the oracles say, and nothing else', () => {
  for (const fixture of patchFixtures()) {
    it(fixture.name, async () => {
      expect(fixture.expected.length > 0).toBe(fixture.name.includes('/bad-'));
      const { findings } = await reviewPatches(
        [{ name: 'fixture.patch', text: fixture.patch }],
        fixture.tree,
        DEFAULT_OPTIONS,
        await testParser(),
      );
      const introduced = findings.filter((one) => one.status === 'introduced');
      const said = introduced.map((one) => `${one.file}:${one.line} ${one.rule}: ${one.message}`);
      const missing = fixture.expected.filter(
        (wanted) =>
          !introduced.some(
            (one) =>
              one.file === wanted.file &&
              one.line === wanted.line &&
              one.rule === wanted.rule &&
              one.message.includes(wanted.words),
          ),
      );
      expect({ missing, said: said.length }, said.join('\n')).toEqual({
        missing: [],
        said: fixture.expected.length,
      });
    });
  }
});
