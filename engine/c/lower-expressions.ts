/** Expressions: calls become instructions, short-circuit operators become branches, the rest stays pure. */
import type { Node } from 'web-tree-sitter';
import type { Configuration } from './condition.ts';
import { evaluate } from './conditions.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { AggregateField, BinaryOp, BlockId, Expr, Span } from './ir.ts';
import { enabledTest } from './parse-condition.ts';
import type { CParser } from './parser.ts';
import { Scopes } from './scopes.ts';
import type { FunctionSlice, TypeArgument } from './slice.ts';

const ASSIGNMENT_OPS: Readonly<Record<string, BinaryOp>> = {
  '+=': '+',
  '-=': '-',
  '*=': '*',
  '/=': '/',
  '%=': '%',
  '&=': '&',
  '|=': '|',
  '^=': '^',
  '<<=': '<<',
  '>>=': '>>',
};

/** Expressions nested deeper than this are not followed: no person wrote them. */
const MAX_NESTING = 200;

export abstract class ExpressionLowering {
  readonly scopes = new Scopes();
  readonly problems: (Span & { readonly message: string })[] = [];
  protected readonly builder: GraphBuilder;
  protected readonly slice: FunctionSlice;
  protected readonly configuration: Configuration;
  protected readonly parser: CParser;
  /** Added to a node's offset: the slice's, or that of a piece that is parsed by itself. */
  protected offset: number;
  readonly #typeArguments: ReadonlyMap<number, TypeArgument>;
  #nesting = 0;

  constructor(builder: GraphBuilder, slice: FunctionSlice, configuration: Configuration, parser: CParser) {
    this.builder = builder;
    this.slice = slice;
    this.configuration = configuration;
    this.parser = parser;
    this.offset = slice.offset;
    this.#typeArguments = new Map(slice.typeArguments.map((one) => [one.at, one]));
  }

  /** Lowers the statements of `({ … })` and gives the value of the last. */
  protected abstract statementExpression(body: Node): Expr;

  protected span(node: Node): Span {
    return { at: this.offset + node.startIndex, end: this.offset + node.endIndex };
  }

  protected temporary(node: Node): Expr {
    const name = this.scopes.temporary('', this.offset + node.startIndex);
    return { kind: 'name', name, binding: 'temp' };
  }

  /** The value of an expression; its effects are emitted on the way. */
  value(node: Node | null): Expr {
    if (!node) return { kind: 'unknown', text: '' };
    if (this.#nesting >= MAX_NESTING) return { kind: 'unknown', text: 'nested too deeply' };
    this.#nesting++;
    try {
      return this.#value(node);
    } finally {
      this.#nesting--;
    }
  }

  #value(node: Node): Expr {
    switch (node.type) {
      case 'parenthesized_expression':
        return this.#parenthesized(node);
      case 'identifier':
        return this.#name(node);
      case 'true':
      case 'false':
      case 'null':
        return { kind: 'name', name: node.text, binding: 'global' };
      case 'number_literal':
        return numberOf(node.text);
      case 'char_literal':
        return { kind: 'number', value: characterOf(node.text), text: node.text };
      case 'string_literal':
      case 'concatenated_string':
        return { kind: 'string', text: node.text };
      case 'call_expression':
        return this.#call(node);
      case 'assignment_expression':
        return this.#assignment(node);
      case 'update_expression':
        return this.#update(node);
      case 'binary_expression':
        return this.#binary(node);
      case 'unary_expression':
        return this.#unary(node);
      case 'pointer_expression':
        return this.#pointer(node);
      case 'field_expression': {
        const base = this.value(node.childForFieldName('argument'));
        const name = node.childForFieldName('field')?.text ?? '';
        return { kind: 'field', base, name, arrow: node.childForFieldName('operator')?.text === '->' };
      }
      case 'subscript_expression':
        return {
          kind: 'index',
          base: this.value(node.childForFieldName('argument')),
          index: this.value(node.childForFieldName('index') ?? node.namedChild(1)),
        };
      case 'conditional_expression':
        return this.#conditional(node);
      case 'comma_expression':
        this.value(node.childForFieldName('left'));
        return this.value(node.childForFieldName('right'));
      case 'cast_expression': {
        const type = node.childForFieldName('type')?.text ?? '';
        return { kind: 'cast', type, operand: this.value(node.childForFieldName('value')) };
      }
      case 'sizeof_expression':
      case 'alignof_expression':
      case 'offsetof_expression':
        return { kind: 'sizeof', text: node.text };
      case 'compound_literal_expression':
        return this.aggregate(node.childForFieldName('value'), node.childForFieldName('type')?.text ?? null);
      case 'initializer_list':
        return this.aggregate(node, null);
      case 'compound_statement':
        return this.statementExpression(node);
      case 'type_descriptor':
        return { kind: 'type', text: node.text };
      case 'gnu_asm_expression':
        this.opaque(node, 'inline assembly');
        return { kind: 'unknown', text: node.text };
      default:
        this.#complain(node);
        // Calls inside of what was not understood still happen.
        for (const child of node.namedChildren) if (child && child.type !== 'comment') this.value(child);
        return { kind: 'unknown', text: node.text.slice(0, 200) };
    }
  }

  #complain(node: Node): void {
    this.problems.push({
      ...this.span(node),
      message: `cannot read ${node.type === 'ERROR' ? 'this text' : node.type}`,
    });
  }

  protected opaque(node: Node, reason: string): void {
    this.builder.emit({ kind: 'opaque', text: node.text.slice(0, 200), reason, ...this.span(node) });
  }

  #parenthesized(node: Node): Expr {
    const inner = node.namedChildren.find((child) => child && child.type !== 'comment') ?? null;
    return this.value(inner);
  }

  #name(node: Node): Expr {
    const type = this.#typeArguments.get(this.offset + node.startIndex);
    if (type) return { kind: 'type', text: type.text };
    const local = this.scopes.lookup(node.text);
    if (local === null) return { kind: 'name', name: node.text, binding: 'global' };
    return { kind: 'name', name: local, binding: this.scopes.isParam(local) ? 'param' : 'local' };
  }

  #call(node: Node): Expr {
    const callee = node.childForFieldName('function');
    const args = node.childForFieldName('arguments');
    const decided = this.#decided(callee, args);
    if (decided !== null) return decided;
    const span = this.span(node);
    const target = this.value(callee);
    const values = argumentNodes(args).map((arg) => this.value(arg));
    const result = this.temporary(node);
    const name = target.kind === 'name' && target.binding === 'global' ? target.name : null;
    this.builder.emit({ kind: 'call', result, name, callee: target, args: values, iterator: false, ...span });
    return result;
  }

  /** `IS_ENABLED(CONFIG_X)` and its relatives are known under a configuration. */
  #decided(callee: Node | null, args: Node | null): Expr | null {
    if (callee?.type !== 'identifier' || !args) return null;
    const [symbol, second] = argumentNodes(args);
    if (!symbol || second || symbol.type !== 'identifier') return null;
    const test = enabledTest(callee.text, symbol.text);
    if (test === null) return null;
    return { kind: 'number', value: evaluate(test, this.configuration) ? 1 : 0, text: callee.text };
  }

  #assignment(node: Node): Expr {
    const left = node.childForFieldName('left');
    const operator = node.childForFieldName('operator')?.text ?? '=';
    const target = this.value(left);
    const right = this.value(node.childForFieldName('right'));
    const op = ASSIGNMENT_OPS[operator];
    const value: Expr = op ? { kind: 'binary', op, left: target, right } : right;
    this.builder.emit({ kind: 'assign', target, value, ...this.span(node) });
    return target;
  }

  #update(node: Node): Expr {
    const target = this.value(node.childForFieldName('argument'));
    const operator = node.childForFieldName('operator')?.text === '--' ? '-' : '+';
    const one: Expr = { kind: 'number', value: 1, text: '1' };
    const span = this.span(node);
    const prefix = node.child(0)?.id === node.childForFieldName('operator')?.id;
    if (!prefix && !isStatement(node)) {
      const old = this.temporary(node);
      this.builder.emit({ kind: 'assign', target: old, value: target, ...span });
      this.builder.emit({
        kind: 'assign',
        target,
        value: { kind: 'binary', op: operator, left: old, right: one },
        ...span,
      });
      return old;
    }
    this.builder.emit({
      kind: 'assign',
      target,
      value: { kind: 'binary', op: operator, left: target, right: one },
      ...span,
    });
    return target;
  }

  #binary(node: Node): Expr {
    const op = node.childForFieldName('operator')?.text ?? '';
    if (op === '&&' || op === '||') return this.#truth(node);
    const left = this.value(node.childForFieldName('left'));
    const right = this.value(node.childForFieldName('right'));
    return { kind: 'binary', op: op as BinaryOp, left, right };
  }

  /** A short-circuit operator used as a value: 0 or 1 in a temporary, by way of branches. */
  #truth(node: Node): Expr {
    const result = this.temporary(node);
    const span = this.span(node);
    const yes = this.builder.block();
    const no = this.builder.block();
    const after = this.builder.block();
    this.condition(node, yes, no);
    for (const [block, value] of [
      [yes, 1],
      [no, 0],
    ] as const) {
      this.builder.continueIn(block);
      this.builder.emit({
        kind: 'assign',
        target: result,
        value: { kind: 'number', value, text: String(value) },
        ...span,
      });
      this.builder.goto(after, span);
    }
    this.builder.continueIn(after);
    return result;
  }

  #unary(node: Node): Expr {
    const op = node.childForFieldName('operator')?.text ?? '';
    const argument = node.childForFieldName('argument');
    if (op === '-' && argument?.type === 'number_literal') {
      const literal = numberOf(argument.text);
      if (literal.kind === 'number') return { ...literal, value: -literal.value, text: `-${literal.text}` };
    }
    const operand = this.value(argument);
    if (op === '-' || op === '+' || op === '~' || op === '!') return { kind: 'unary', op, operand };
    this.#complain(node);
    return { kind: 'unknown', text: node.text };
  }

  #pointer(node: Node): Expr {
    const operand = this.value(node.childForFieldName('argument'));
    if (node.childForFieldName('operator')?.text === '*') {
      return operand.kind === 'address' ? operand.operand : { kind: 'deref', operand };
    }
    return operand.kind === 'deref' ? operand.operand : { kind: 'address', operand };
  }

  #conditional(node: Node): Expr {
    const test = node.childForFieldName('condition');
    const consequence = node.childForFieldName('consequence');
    const alternative = node.childForFieldName('alternative');
    const span = this.span(node);
    const result = this.temporary(node);
    const yes = this.builder.block();
    const no = this.builder.block();
    const after = this.builder.block();
    let kept: Expr | null = null;
    if (consequence) this.condition(test, yes, no);
    else {
      // `a ?: b`: the condition is evaluated once.
      kept = this.value(test);
      this.branch(kept, yes, no, test ? this.span(test) : span);
    }
    this.builder.continueIn(yes);
    const first = kept ?? this.value(consequence);
    this.builder.emit({ kind: 'assign', target: result, value: first, ...span });
    this.builder.goto(after, span);
    this.builder.continueIn(no);
    this.builder.emit({ kind: 'assign', target: result, value: this.value(alternative), ...span });
    this.builder.goto(after, span);
    this.builder.continueIn(after);
    return result;
  }

  protected aggregate(node: Node | null, type: string | null): Expr {
    const fields: AggregateField[] = [];
    for (const child of node?.namedChildren ?? []) {
      if (!child || child.type === 'comment') continue;
      if (child.type !== 'initializer_pair') {
        fields.push({ name: null, value: this.value(child) });
        continue;
      }
      const path = child
        .childrenForFieldName('designator')
        .map((one) =>
          one?.type === 'field_designator'
            ? (one.namedChild(0)?.text ?? '')
            : `[${one?.namedChild(0)?.text ?? ''}]`,
        );
      const value = child.childForFieldName('value');
      fields.push({ name: path.join('.'), value: this.value(value) });
    }
    return { kind: 'aggregate', type, fields };
  }

  /** Branches on a condition, through as many tests as it takes. */
  condition(node: Node | null, then: BlockId, otherwise: BlockId): void {
    if (!node) {
      this.builder.goto(then, { at: this.offset, end: this.offset });
      return;
    }
    if (node.type === 'parenthesized_expression') {
      const inner = node.namedChildren.filter((child) => child && child.type !== 'comment');
      if (inner.length === 1 && inner[0]!.type !== 'compound_statement') {
        this.condition(inner[0]!, then, otherwise);
        return;
      }
    }
    if (node.type === 'binary_expression') {
      const op = node.childForFieldName('operator')?.text;
      if (op === '&&' || op === '||') {
        const right = this.builder.block();
        this.condition(
          node.childForFieldName('left'),
          op === '&&' ? right : then,
          op === '&&' ? otherwise : right,
        );
        this.builder.continueIn(right);
        this.condition(node.childForFieldName('right'), then, otherwise);
        return;
      }
    }
    if (node.type === 'unary_expression' && node.childForFieldName('operator')?.text === '!') {
      this.condition(node.childForFieldName('argument'), otherwise, then);
      return;
    }
    if (node.type === 'comma_expression') {
      this.value(node.childForFieldName('left'));
      this.condition(node.childForFieldName('right'), then, otherwise);
      return;
    }
    this.branch(this.value(node), then, otherwise, this.span(node));
  }

  /** A branch, or a jump where the condition is a constant. */
  protected branch(condition: Expr, then: BlockId, otherwise: BlockId, span: Span): void {
    const known = constantTruth(condition);
    if (known === null) this.builder.branch(condition, then, otherwise, span);
    else this.builder.goto(known ? then : otherwise, span);
  }
}

/** The nodes of the arguments, comments left out. */
export function argumentNodes(args: Node | null): readonly Node[] {
  return (args?.namedChildren ?? []).filter(
    (child): child is Node => child !== null && child.type !== 'comment',
  );
}

function isStatement(node: Node): boolean {
  const parent = node.parent;
  return parent?.type === 'expression_statement' || parent?.type === 'for_statement';
}

/** True or false for a constant expression, null for any other. */
export function constantTruth(expr: Expr): boolean | null {
  if (expr.kind === 'number') return expr.value !== 0;
  if (expr.kind === 'name' && expr.binding === 'global') {
    if (expr.name === 'true') return true;
    if (expr.name === 'false' || expr.name === 'NULL') return false;
  }
  if (expr.kind === 'cast') return constantTruth(expr.operand);
  if (expr.kind === 'unary' && expr.op === '!') {
    const inner = constantTruth(expr.operand);
    return inner === null ? null : !inner;
  }
  return null;
}

/** An integer literal; one that is no number in JavaScript's range keeps its text and the nearest value. */
export function numberOf(text: string): Expr {
  const digits = text.replace(/[uUlL]+$/, '');
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return Number.isNaN(value) ? { kind: 'unknown', text } : { kind: 'number', value, text };
}

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, 0: 0, a: 7, b: 8, f: 12, v: 11 };

function characterOf(text: string): number {
  const inner = text.replace(/^[A-Za-z]*'/, '').replace(/'$/, '');
  if (!inner.startsWith('\\')) return inner.charCodeAt(0) || 0;
  const hex = /^\\x([0-9a-fA-F]+)$/.exec(inner);
  if (hex) return Number.parseInt(hex[1]!, 16);
  if (/^\\[0-7]+$/.test(inner)) return Number.parseInt(inner.slice(1), 8);
  return ESCAPES[inner[1] ?? ''] ?? inner.charCodeAt(1);
}
