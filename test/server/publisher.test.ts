import { describe, expect, it } from 'vitest';
import type { Diagnostic } from 'vscode-languageserver';
import { createPublisher } from '../../extension/server/publisher.ts';

const diagnostic = (message: string, line = 0): Diagnostic => ({
  message,
  range: { start: { line, character: 0 }, end: { line, character: 1 } },
});

function setUp() {
  const sent: [string, string[], number | undefined][] = [];
  const publisher = createPublisher((uri, diagnostics, version) => {
    sent.push([uri, diagnostics.map((d) => String(d.message)), version]);
  });
  return { publisher, sent };
}

describe('the publisher', () => {
  it('sends a document with its version, other files without', () => {
    const { publisher, sent } = setUp();
    publisher.replace(
      'p1',
      new Map([
        ['p1', [diagnostic('one')]],
        ['file', [diagnostic('two')]],
      ]),
      4,
    );
    expect(sent).toEqual([
      ['file', ['two'], undefined],
      ['p1', ['one'], 4],
    ]);
  });
  it('shows in one file what two patches say about it, and takes back what one said', () => {
    const { publisher, sent } = setUp();
    publisher.replace('p1', new Map([['file', [diagnostic('one')]]]), 1);
    publisher.replace('p2', new Map([['file', [diagnostic('two')]]]), 1);
    publisher.clear('p1');
    expect(sent.filter(([uri]) => uri === 'file').map(([, messages]) => messages)).toEqual([
      ['one'],
      ['one', 'two'],
      ['two'],
    ]);
  });
  it('says the same thing about the same place once', () => {
    const { publisher, sent } = setUp();
    publisher.replace('p1', new Map([['file', [diagnostic('one')]]]), 1);
    publisher.replace('p2', new Map([['file', [diagnostic('one'), diagnostic('one', 7)]]]), 1);
    expect(sent.at(-1)).toEqual(['file', ['one', 'one'], undefined]);
  });
  it('clears a file that is no longer concerned, and does not repeat what has not changed', () => {
    const { publisher, sent } = setUp();
    publisher.replace(
      'p1',
      new Map([
        ['p1', []],
        ['a', [diagnostic('one')]],
        ['b', [diagnostic('two')]],
      ]),
      1,
    );
    sent.length = 0;
    publisher.replace(
      'p1',
      new Map([
        ['p1', []],
        ['b', [diagnostic('two')]],
      ]),
      2,
    );
    expect(sent).toEqual([
      ['a', [], undefined],
      ['p1', [], 2],
    ]);
  });
  it('has nothing to clear for a stranger', () => {
    const { publisher, sent } = setUp();
    publisher.clear('p1');
    expect(sent).toEqual([]);
  });
});
