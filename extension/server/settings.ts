import type { Tristate } from '../../engine/c/condition.ts';
import type { Level } from '../../engine/check/finding.ts';

/** The settings under `lockReview.` that the server uses, checked. */
export interface Settings {
  /** Folder of the kernel tree; empty: look for it. */
  readonly tree: string;
  readonly checkOpenFiles: 'changed' | 'all' | 'off';
  readonly showExisting: boolean;
  /** What is shown between the findings. */
  readonly codeLens: boolean;
  readonly inlayHints: boolean;
  readonly hovers: boolean;
  /** Reviews of patches may be kept on disk. */
  readonly cache: boolean;
  readonly rules: Readonly<Record<string, Level | 'off'>>;
  readonly config: Readonly<Record<string, Tristate>>;
}

export const DEFAULT_SETTINGS: Settings = {
  tree: '',
  checkOpenFiles: 'changed',
  showExisting: false,
  codeLens: true,
  inlayHints: true,
  hovers: true,
  cache: true,
  rules: {},
  config: {},
};

const OPEN_FILES = ['changed', 'all', 'off'] as const;
const LEVELS = ['error', 'warning', 'note', 'off'] as const;
const TRISTATES = ['y', 'm', 'n'] as const;

/**
 * Reads the `lockReview` section that an editor sends. A value of the wrong type counts as absent and is
 * named in `problems`, one sentence each; unknown keys are left to the editor.
 */
export function readSettings(section: unknown): {
  readonly value: Settings;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const given = isRecord(section) ? section : {};
  const expect = (key: string, what: string) => {
    problems.push(`Setting lockReview.${key}: expected ${what}, got ${JSON.stringify(given[key])}.`);
  };
  const text = (key: string): string => {
    const value = given[key] ?? '';
    if (typeof value === 'string') return value;
    expect(key, 'a string');
    return '';
  };
  const flag = (key: 'showExisting' | 'codeLens' | 'inlayHints' | 'hovers' | 'cache'): boolean => {
    const value = given[key] ?? DEFAULT_SETTINGS[key];
    if (typeof value === 'boolean') return value;
    expect(key, 'true or false');
    return DEFAULT_SETTINGS[key];
  };
  const map = <T extends string>(key: string, allowed: readonly T[]): Record<string, T> => {
    const value = given[key] ?? {};
    if (!isRecord(value)) {
      expect(key, 'an object');
      return {};
    }
    const result: Record<string, T> = {};
    for (const [name, entry] of Object.entries(value)) {
      const known = allowed.find((a) => a === entry);
      if (known !== undefined) result[name] = known;
      else problems.push(`Setting lockReview.${key}: ${name} must be one of ${allowed.join(', ')}.`);
    }
    return result;
  };
  const openFiles = given.checkOpenFiles ?? DEFAULT_SETTINGS.checkOpenFiles;
  const checkOpenFiles = OPEN_FILES.find((o) => o === openFiles);
  if (checkOpenFiles === undefined) expect('checkOpenFiles', `one of ${OPEN_FILES.join(', ')}`);
  return {
    value: {
      tree: text('tree').trim(),
      checkOpenFiles: checkOpenFiles ?? DEFAULT_SETTINGS.checkOpenFiles,
      showExisting: flag('showExisting'),
      codeLens: flag('codeLens'),
      inlayHints: flag('inlayHints'),
      hovers: flag('hovers'),
      cache: flag('cache'),
      rules: map('rules', LEVELS),
      config: map('config', TRISTATES),
    },
    problems,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
