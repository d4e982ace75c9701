import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHostMessage, readPanelMessage, readSession, VERSION } from '../../media/panel/messages.ts';
import { FROM_HOST, FROM_PANEL, SESSION } from './sample-messages.ts';

/** Places in a value, as paths of keys. */
function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  return [[...path], ...Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]))];
}

/** A copy with one place changed; undefined takes it out. */
function changed(value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown {
  if (key === undefined) return to;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  if (rest.length === 0 && to === undefined) delete copy[key];
  else copy[key] = changed(copy[key], rest, to);
  return copy;
}

describe('messages between the panel and the editor', () => {
  it('are read where they are whole', () => {
    for (const message of FROM_PANEL) expect(readPanelMessage(message), message.type).toEqual(message);
    for (const message of FROM_HOST) expect(readHostMessage(message), message.type).toEqual(message);
    expect(readSession(SESSION)).toEqual({ session: SESSION, problem: null });
  });

  it('are dropped where they are of another version, or of none', () => {
    for (const version of [0, 2, '1', undefined]) {
      expect(readPanelMessage({ ...FROM_PANEL[0], version })).toBeNull();
      expect(readHostMessage({ ...FROM_HOST[0], version })).toBeNull();
    }
  });

  it('are dropped, without a throw, whatever else arrives', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (data) => {
        expect(readPanelMessage(data)).toBeNull();
        expect(readHostMessage(data)).toBeNull();
        expect(readSession(data).session).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  it('are dropped, or read as what they say, where a part of one is changed', () => {
    const arbitrary = fc.constantFrom(...FROM_PANEL).chain((message) =>
      fc.record({
        message: fc.constant(message),
        path: fc.constantFrom(...pathsOf(message)),
        to: fc.oneof(
          fc.constantFrom(undefined, null, -1, 1e12, Number.NaN, '', '../../etc/passwd', []),
          fc.anything(),
        ),
      }),
    );
    fc.assert(
      fc.property(arbitrary, ({ message, path, to }) => {
        const read = readPanelMessage(changed(message, path, to));
        if (read === null) return;
        expect(read.version).toBe(VERSION);
        if ('task' in read)
          expect(Number.isInteger(read.task) && read.task >= 0 && read.task < 32).toBe(true);
        if ('position' in read) expect(Number.isInteger(read.position) && read.position >= 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('never carry a key that nobody asked for', () => {
    for (const message of FROM_PANEL) expect(readPanelMessage({ ...message, extra: 1 })).toBeNull();
  });
});
