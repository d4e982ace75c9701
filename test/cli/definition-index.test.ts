import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { definitionIndex } from '../../extension/tree/definition-index.ts';
import { temporaryDirectory } from './fake.ts';

it('the index of definitions reads a file again that has changed, and that one alone', () => {
  const root = temporaryDirectory();
  const write = (file: string, text: string) => writeFileSync(path.join(root, file), text);
  const define = (...names: string[]) => names.map((name) => `int ${name}(void)\n{\n}\n`).join('');
  write('a.c', define('one', 'both'));
  write('b.c', define('both'));
  const index = definitionIndex(root, ['a.c', 'b.c']);
  expect(index.candidates('one')).toEqual(['a.c']);
  expect(index.candidates('both')).toEqual(['a.c', 'b.c']);
  write('a.c', define('both', 'two'));
  write('c.c', define('both', 'three'));
  write('notes.txt', define('one'));
  for (const file of ['a.c', 'c.c', 'notes.txt', 'gone.c']) index.changed(file);
  expect(index.candidates('two')).toEqual(['a.c']);
  expect(index.candidates('three')).toEqual(['c.c']);
  expect(index.candidates('both')).toEqual(['a.c', 'b.c', 'c.c']);
  expect(index.candidates('four')).toEqual([]);
  index.changed('a.c');
  index.changed('a.c');
  expect(index.candidates('both')).toEqual(['a.c', 'b.c', 'c.c']);
});
