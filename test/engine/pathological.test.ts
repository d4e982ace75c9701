/** Code and patches that no person writes: each ends, with what could be done and a note of what could not. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS, reviewFiles, reviewPatches } from '../../engine/review/index.ts';
import { testParser } from './parser.ts';
import { PATHOLOGICAL_C, PATHOLOGICAL_PATCHES } from './pathological.ts';

const parser = await testParser();
const SIZE = 500;

describe('pathological C', () => {
  it.each(Object.keys(PATHOLOGICAL_C))('%s', async (name) => {
    const text = PATHOLOGICAL_C[name]!(SIZE);
    const { stats, findings, notes } = await reviewFiles(
      [{ path: 'm.c', text }],
      null,
      DEFAULT_OPTIONS,
      parser,
    );
    expect(stats.functions).toBeGreaterThan(0);
    // Either every path was walked, or it is said that some were not. What the lock is about is right, so no error.
    expect(stats.paths > 0 || notes.some((note) => /too many paths/.test(note.message))).toBe(true);
    expect(findings.filter((one) => one.level === 'error')).toEqual([]);
  });
});

describe('pathological patches', () => {
  it.each(Object.keys(PATHOLOGICAL_PATCHES))('%s', async (name) => {
    const text = PATHOLOGICAL_PATCHES[name]!(SIZE);
    const { stats, notes } = await reviewPatches([{ name: 'in', text }], null, DEFAULT_OPTIONS, parser);
    expect(notes.length).toBeGreaterThan(0);
    expect(stats.files > 0 || notes.some((note) => /no patch was found/.test(note.message))).toBe(true);
  });
});
