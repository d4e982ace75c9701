import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, readSettings } from '../../extension/server/settings.ts';

describe('settings', () => {
  it('have defaults for an editor that sends none', () => {
    for (const nothing of [undefined, null, {}, [], 'text'])
      expect(readSettings(nothing)).toEqual({ value: DEFAULT_SETTINGS, problems: [] });
  });
  it('are taken as given', () => {
    const { value, problems } = readSettings({
      tree: ' /src/linux ',
      checkOpenFiles: 'all',
      showExisting: true,
      codeLens: false,
      hovers: false,
      cache: false,
      rules: { 'split-read': 'off', 'lock-leak': 'warning' },
      config: { CONFIG_MMU: 'y' },
      unknown: 1,
    });
    expect(problems).toEqual([]);
    expect(value).toEqual({
      tree: '/src/linux',
      checkOpenFiles: 'all',
      showExisting: true,
      codeLens: false,
      inlayHints: true,
      hovers: false,
      cache: false,
      rules: { 'split-read': 'off', 'lock-leak': 'warning' },
      config: { CONFIG_MMU: 'y' },
    });
  });
  it('of the wrong type count as absent and are named', () => {
    const { value, problems } = readSettings({
      tree: 3,
      checkOpenFiles: 'some',
      showExisting: 'yes',
      rules: { 'lock-leak': 'loud', 'split-read': 'note' },
      config: 'y',
    });
    expect(value).toEqual({ ...DEFAULT_SETTINGS, rules: { 'split-read': 'note' } });
    expect(problems).toHaveLength(5);
    for (const name of ['tree', 'checkOpenFiles', 'showExisting', 'rules', 'config'])
      expect(
        problems.some((problem) => problem.includes(`lockReview.${name}`)),
        name,
      ).toBe(true);
  });
});
