import { describe, expect, it } from 'vitest';
import { documentKind, looksLikePatch } from '../../extension/server/detect.ts';

const kind = (language: string, text = '', uri = 'file:///a') => documentKind(uri, language, () => text);
const DIFF = 'diff --git a/mm/a.c b/mm/a.c\n--- a/mm/a.c\n+++ b/mm/a.c\n@@ -1 +1 @@\n-a\n+b\n';

describe('which documents are reviewed', () => {
  it('takes a diff for a patch whatever it says', () => {
    expect(kind('diff', 'hello')).toBe('patch');
    expect(kind('Diff')).toBe('patch');
    expect(kind('patch')).toBe('patch');
  });
  it('takes C files as such', () => {
    expect(kind('c')).toBe('c');
  });
  it('looks into plain text, mail and commit messages', () => {
    for (const language of ['plaintext', 'mail', 'gitcommit', 'git-commit', '']) {
      expect(kind(language, DIFF), language).toBe('patch');
      expect(kind(language, 'Dear all,\n\n--- a line\n'), language).toBe('none');
    }
  });
  it('leaves other languages alone, even with a diff inside', () => {
    expect(kind('markdown', DIFF)).toBe('none');
  });
  it('leaves views of another version alone', () => {
    expect(kind('diff', DIFF, 'git:/a.diff?x')).toBe('none');
    expect(kind('c', '', 'git:/a.c')).toBe('none');
  });
  it('leaves a document alone of which the client does not say what it is', () => {
    expect(documentKind('file:///a', undefined, () => DIFF)).toBe('none');
    expect(documentKind(undefined, 'diff', () => DIFF)).toBe('none');
  });
  it('takes untitled and virtual documents', () => {
    expect(kind('diff', DIFF, 'untitled:Untitled-1')).toBe('patch');
    expect(kind('diff', DIFF, 'vscode-vfs://github/a.diff')).toBe('patch');
  });
});

describe('text that looks like a patch', () => {
  it('may be quoted, to any depth, with any spacing of the marks', () => {
    for (const mark of ['> ', '>> ', '> > ', '>', '> >> '])
      expect(looksLikePatch(DIFF.replaceAll(/^/gm, mark)), mark).toBe(true);
  });
  it('may lack the line of git', () => {
    expect(looksLikePatch('--- a.c\t2025-01-01\n+++ a.c\t2025-01-02\n@@ -1,2 +1,2 @@\n')).toBe(true);
  });
  it('may be encoded, if the subject says patch', () => {
    expect(looksLikePatch('From: a@example.org\nSubject: [PATCH v2 1/3] mm: x\n\nRElGRg==\n')).toBe(true);
    expect(looksLikePatch('Subject: Re: [RFC PATCH] mm: x\n')).toBe(true);
    expect(looksLikePatch('Subject: lunch\n\n[PATCH] of weather\n')).toBe(false);
  });
  it('ends its lines in any way', () => {
    expect(looksLikePatch(DIFF.replaceAll('\n', '\r\n'))).toBe(true);
  });
  it('is not a rule, a list or a signature', () => {
    expect(looksLikePatch('--- \n+++ \nno hunk\n')).toBe(false);
    expect(looksLikePatch('')).toBe(false);
    expect(looksLikePatch('\n'.repeat(1000))).toBe(false);
  });
});
