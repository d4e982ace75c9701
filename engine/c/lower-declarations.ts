/** Names and types in declarations. */
import type { Node } from 'web-tree-sitter';

/** The declarator of that kind inside another, or null. */
export function findDeclarator(node: Node | null, type: string): Node | null {
  for (let at = node; at; at = at.childForFieldName('declarator') ?? inner(at)) {
    if (at.type === type) return at;
  }
  return null;
}

function inner(node: Node): Node | null {
  return node.type === 'parenthesized_declarator' || node.type === 'attributed_declarator'
    ? node.namedChild(0)
    : null;
}

/** The name that a declarator declares, or null for an abstract one. */
export function declaratorName(node: Node | null): string | null {
  for (let at = node; at; at = at.childForFieldName('declarator') ?? inner(at)) {
    if (at.type === 'identifier' || at.type === 'field_identifier' || at.type === 'type_identifier')
      return at.text;
  }
  return null;
}

/** The type as written, without the name: `struct vm_area_struct *`, `unsigned long [4]`. */
export function typeText(declaration: Node, name: string, declarator?: Node): string {
  const type = declaration.childForFieldName('type')?.text ?? 'int';
  const written = (declarator ?? declaration.childForFieldName('declarator'))?.text ?? '';
  const shape = written.replace(/=[\s\S]*$/, '').replace(new RegExp(`\\b${name}\\b`), '');
  return `${type} ${shape}`.replace(/\s+/g, ' ').trim();
}
