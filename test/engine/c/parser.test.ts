import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { createParser } from '../../../engine/c/index.ts';
import * as S from '../../../engine/c/syntax.ts';
import { child, childOfKind, newSyntaxTree, textOf } from '../../../engine/c/syntax.ts';

const require = createRequire(import.meta.url);
const language = readFileSync(require.resolve('tree-sitter-c/tree-sitter-c.wasm'));
const runtime = readFileSync(require.resolve('web-tree-sitter/web-tree-sitter.wasm'));

// The runtime of this file is the one given as bytes: it is set up once for a process.
const parser = await createParser({ language, runtime });

/** The kinds and texts of all nodes, to compare two trees. */
function nodes(tree: S.SyntaxTree): string[] {
  return Array.from(
    { length: tree.count },
    (_, node) => `${tree.kind[node]} ${tree.next[node]} ${textOf(tree, node)}`,
  );
}

describe('the parser', () => {
  it('gives a flat tree', () => {
    const tree = parser.parse('int f(int a)\n{\n\t/* c */ return a + g(1); // d\n}\n')!;
    const fn = childOfKind(tree, 0, S.FUNCTION);
    const body = childOfKind(tree, fn, S.COMPOUND);
    expect(textOf(tree, body)).toBe('{\n\t/* c */ return a + g(1); // d\n}');
    const sum = child(tree, child(tree, body, 0), 0);
    expect(tree.kind[sum]).toBe(S.BINARY);
    expect(S.tokenText(S.operatorOf(tree, sum))).toBe('+');
    expect([0, 1].map((n) => textOf(tree, child(tree, sum, n)))).toEqual(['a', 'g(1)']);
    expect(child(tree, sum, 2)).toBe(-1);
    expect(tree.errors).toEqual([]);
  });

  it('counts offsets as it would if it asked for them', () => {
    const text =
      'static struct s *f(u8 *p, ...)\n{\n\tchar c = \'\\\'\' , *s = "a\\"b" "c";\n\tfor (;;)\n\t\tx = y\\\n[1]->z, (int *)q ? ~0x1u : sizeof(int);\n' +
      '\tlabel: /* \u00e9 */ goto label; \u00e9t\u00e9($a, b );\n\tstruct t u = { .a = { [1] = 2 } };\n}\n';
    const counted = parser.parse(text, newSyntaxTree(16))!;
    // A directive anywhere makes it ask.
    const asked = parser.parse(`${text}/* # */`, newSyntaxTree(16))!;
    expect(counted.errors).toEqual([]);
    expect(nodes(counted).slice(1)).toEqual(nodes(asked).slice(1));
  });

  it('says where it found no sense', () => {
    const tree = parser.parse('void f(void) { a(; b = ] ; }')!;
    expect(tree.errors.length).toBeGreaterThan(0);
    expect(S.hasError(tree, 0)).toBe(true);
    const body = childOfKind(tree, childOfKind(tree, 0, S.FUNCTION), S.COMPOUND);
    expect(S.hasError(tree, body)).toBe(true);
  });

  it('gives up on what is too long, and on what it finds no end of, and then goes on', () => {
    expect(parser.parse(' '.repeat(2_000_001))).toBeNull();
    const noise = Array.from({ length: 20_000 }, (_, n) => '(){}[];,*&<>=+-'[(n * n * 7 + n * 3) % 15]).join(
      '',
    );
    const tree = parser.parse(`void f() {${noise}}`);
    expect(tree === null || tree.errors.length > 0).toBe(true);
    expect(textOf(parser.parse('int x;')!, 0)).toBe('int x;');
  });

  it('keeps a tree of its own for who asks for one', () => {
    const own = newSyntaxTree(4);
    const first = parser.parse('int first;', own)!;
    parser.parse('int second;');
    expect(first).toBe(own);
    expect(textOf(first, 0)).toBe('int first;');
  });

  it('rejects bytes that are no grammar', async () => {
    await expect(createParser({ language: new Uint8Array([1, 2, 3]) })).rejects.toThrow();
  });
});
