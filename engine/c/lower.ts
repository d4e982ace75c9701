/** From a function's text under one configuration to its `FunctionIR`. */
import type { Node } from 'web-tree-sitter';
import type { Configuration } from './condition.ts';
import { GraphBuilder } from './graph-builder.ts';
import type { FunctionIR, Variable } from './ir.ts';
import { declaratorName, findDeclarator, typeText } from './lower-declarations.ts';
import { Lowering } from './lower-statements.ts';
import type { CParser } from './parser.ts';
import type { FunctionSlice } from './slice.ts';
import { sliceFunction } from './slice-function.ts';
import type { FunctionSource, SourceUnit } from './unit.ts';

/**
 * Lowers a function. Never throws: what the grammar cannot read becomes `opaque` instructions and `problems`,
 * and a function that cannot be read at all has one block that returns an unknown value.
 */
export function lowerFunction(
  parser: CParser,
  unit: SourceUnit,
  fn: FunctionSource,
  configuration: Configuration,
): FunctionIR {
  const slice = sliceFunction(unit, fn, configuration);
  const lowered = parser.parse(slice.text, (root) => {
    const definition = findDefinition(root);
    return definition ? lowerDefinition(definition, slice, unit, fn, configuration, parser) : null;
  });
  return lowered ?? unreadable(slice, unit, fn);
}

function findDefinition(node: Node): Node | null {
  if (node.type === 'function_definition') return node;
  for (const child of node.namedChildren) {
    const found = child && child.type !== 'compound_statement' ? findDefinition(child) : null;
    if (found) return found;
  }
  return null;
}

function lowerDefinition(
  definition: Node,
  slice: FunctionSlice,
  unit: SourceUnit,
  fn: FunctionSource,
  configuration: Configuration,
  parser: CParser,
): FunctionIR | null {
  const declarator = findDeclarator(definition.childForFieldName('declarator'), 'function_declarator');
  const body = definition.childForFieldName('body');
  if (!body) return null;
  const params = parameters(declarator, slice.offset);
  const builder = new GraphBuilder();
  const lowering = new Lowering(builder, slice, configuration, parser, unit.text);
  for (const param of params) lowering.scopes.declareParam(param.name);
  lowering.body(body);
  const graph = builder.finish();
  return {
    name: fn.name,
    file: unit.path,
    at: fn.at,
    end: fn.end,
    returnType: returnType(definition, declarator),
    isStatic: fn.isStatic,
    params,
    locals: lowering.scopes.locals,
    entry: graph.entry,
    blocks: graph.blocks,
    labels: lowering.labels(graph.renumber),
    annotations: fn.annotations,
    problems: lowering.problems,
  };
}

function parameters(declarator: Node | null, offset: number): readonly Variable[] {
  const list = declarator?.childForFieldName('parameters');
  const params: Variable[] = [];
  for (const child of list?.namedChildren ?? []) {
    if (child?.type !== 'parameter_declaration') continue;
    const name = declaratorName(child.childForFieldName('declarator'));
    if (name === null) {
      // `void`, or a parameter without a name: it keeps its place.
      if (child.text.trim() === 'void') continue;
      params.push({
        name: `%param${params.length}`,
        type: child.text,
        at: offset + child.startIndex,
        isStatic: false,
      });
      continue;
    }
    params.push({ name, type: typeText(child, name), at: offset + child.startIndex, isStatic: false });
  }
  return params;
}

function returnType(definition: Node, declarator: Node | null): string {
  const type = definition.childForFieldName('type')?.text ?? 'int';
  const outer = definition.childForFieldName('declarator');
  let stars = '';
  for (let at = outer; at && declarator && at.id !== declarator.id; at = at.childForFieldName('declarator')) {
    if (at.type === 'pointer_declarator') stars += '*';
  }
  return stars ? `${type} ${stars}` : type;
}

function unreadable(slice: FunctionSlice, unit: SourceUnit, fn: FunctionSource): FunctionIR {
  const span = { at: fn.bodyAt, end: fn.end };
  const message = 'the function could not be parsed';
  return {
    name: fn.name,
    file: unit.path,
    at: fn.at,
    end: fn.end,
    returnType: '',
    isStatic: fn.isStatic,
    params: [],
    locals: [],
    entry: 0,
    blocks: [
      {
        id: 0,
        instructions: [{ kind: 'opaque', text: slice.text.slice(0, 200), reason: message, ...span }],
        terminator: { kind: 'return', value: { kind: 'unknown', text: fn.name }, ...span },
      },
    ],
    labels: [],
    annotations: fn.annotations,
    problems: [{ ...span, message }],
  };
}
