/** Statements: control flow, scopes and what runs at their end. */
import type { Node } from 'web-tree-sitter';
import type { Configuration } from './condition.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { BlockId, Expr, Instruction, Label, Span, SwitchCase } from './ir.ts';
import { declaratorName, findDeclarator, typeText } from './lower-declarations.ts';
import { constantTruth, ExpressionLowering } from './lower-expressions.ts';
import type { CParser } from './parser.ts';
import { HIDDEN_SCOPE } from './scopes.ts';
import type { FunctionSlice, GuardUse, IteratorUse, SliceAnnotation } from './slice.ts';

interface JumpTarget {
  readonly block: BlockId;
  /** Scopes above this one are left by the jump. */
  readonly depth: number;
}

interface LabelState {
  readonly block: BlockId;
  /** The scopes that enclose the label, outermost first. */
  readonly chain: readonly number[];
  readonly at: number;
  uses: number;
}

interface SwitchState {
  readonly value: Expr;
  readonly cases: SwitchCase[];
  otherwise: BlockId | null;
}

export class Lowering extends ExpressionLowering {
  readonly #text: string;
  readonly #labels = new Map<string, LabelState>();
  readonly #iterators: ReadonlyMap<number, IteratorUse>;
  readonly #guards: ReadonlyMap<number, GuardUse>;
  readonly #variableAnnotations: readonly SliceAnnotation[];
  readonly #caseRanges: ReadonlySet<number>;
  readonly #labelAddresses: ReadonlySet<number>;
  readonly #computedGotos: readonly Span[];
  #breaks: JumpTarget[] = [];
  #continues: JumpTarget[] = [];
  #switch: SwitchState | null = null;

  constructor(
    builder: GraphBuilder,
    slice: FunctionSlice,
    configuration: Configuration,
    parser: CParser,
    text: string,
  ) {
    super(builder, slice, configuration, parser);
    this.#text = text;
    this.#iterators = new Map(slice.iterators.map((one) => [one.at, one]));
    this.#guards = new Map(slice.guards.map((one) => [one.at, one]));
    this.#variableAnnotations = slice.annotations.filter((one) => one.on === 'variable');
    this.#caseRanges = new Set(slice.caseRanges.map((one) => one.at));
    this.#labelAddresses = new Set(slice.labelAddresses.map((one) => one.at));
    this.#computedGotos = slice.computedGotos;
  }

  /** Lowers a function's body; the end of the body returns. */
  body(body: Node): void {
    this.#collectLabels(body, []);
    this.#compound(body);
    const end = { at: this.offset + body.endIndex - 1, end: this.offset + body.endIndex };
    if (!this.builder.closed) this.builder.end({ kind: 'return', value: null, ...end });
  }

  labels(renumber: readonly BlockId[]): readonly Label[] {
    return [...this.#labels].map(([name, label]) => ({
      name,
      block: renumber[label.block] ?? -1,
      uses: label.uses,
      at: label.at,
      end: label.at + name.length,
    }));
  }

  #collectLabels(node: Node, chain: readonly number[]): void {
    let inner = chain;
    if (opensScope(node.type)) inner = [...chain, this.offset + node.startIndex];
    if (node.type === 'labeled_statement') {
      const label = node.childForFieldName('label');
      if (label && !this.#labels.has(label.text)) {
        this.#labels.set(label.text, {
          block: this.builder.block(),
          chain: inner,
          at: this.offset + label.startIndex,
          uses: 0,
        });
      }
    }
    for (const child of node.namedChildren)
      if (child && mayHoldLabels(child.type)) this.#collectLabels(child, inner);
  }

  #compound(node: Node): void {
    this.scopes.open(this.offset + node.startIndex);
    for (const child of node.namedChildren) if (child) this.statement(child);
    this.#leaveScope();
  }

  #leaveScope(): void {
    this.#runEndings(this.scopes.depth - 1);
    this.scopes.close();
  }

  #runEndings(depth: number): void {
    if (this.builder.closed) return;
    for (const ending of this.scopes.endings(depth)) this.builder.emit(ending);
  }

  protected override statementExpression(body: Node): Expr {
    this.scopes.open(this.offset + body.startIndex);
    const children = body.namedChildren.filter(
      (child): child is Node => child !== null && child.type !== 'comment',
    );
    let result: Expr = { kind: 'unknown', text: 'no value' };
    children.forEach((child, at) => {
      if (at === children.length - 1 && child.type === 'expression_statement') {
        const last = child.namedChildren.find((one) => one && one.type !== 'comment') ?? null;
        const value = this.value(last);
        result = this.temporary(child);
        this.builder.emit({ kind: 'assign', target: result, value, ...this.span(child) });
      } else this.statement(child);
    });
    this.#leaveScope();
    return result;
  }

  statement(node: Node): void {
    if (this.builder.closed && !mayHoldLabels(node.type)) return;
    if (this.builder.closed) this.builder.continueIn(this.builder.block());
    const at = this.offset + node.startIndex;
    const guard = this.#guards.get(at);
    if (
      guard &&
      (node.type === 'expression_statement' || guard.form === 'scoped' || guard.form === 'conditional')
    ) {
      this.#guard(node, guard);
      return;
    }
    const iterator = this.#iterators.get(at);
    if (iterator && node.type !== 'compound_statement') {
      this.#iterator(node, iterator);
      return;
    }
    this.#plainStatement(node);
  }

  #plainStatement(node: Node): void {
    switch (node.type) {
      case 'comment':
      case ';':
        return;
      case 'compound_statement':
        this.#compound(node);
        return;
      case 'declaration':
        this.#declaration(node);
        return;
      case 'expression_statement':
        this.#expressionStatement(node);
        return;
      case 'if_statement':
        this.#if(node);
        return;
      case 'while_statement':
        this.#while(node);
        return;
      case 'do_statement':
        this.#doWhile(node);
        return;
      case 'for_statement':
        this.#for(node);
        return;
      case 'switch_statement':
        this.#switchStatement(node);
        return;
      case 'case_statement':
        this.#case(node);
        return;
      case 'labeled_statement':
        this.#labeled(node);
        return;
      case 'goto_statement':
        this.#goto(node);
        return;
      case 'break_statement':
        this.#jump(this.#breaks, node);
        return;
      case 'continue_statement':
        this.#jump(this.#continues, node);
        return;
      case 'return_statement':
        this.#return(node);
        return;
      case 'type_definition':
      case 'struct_specifier':
      case 'enum_specifier':
      case 'union_specifier':
      case 'function_definition':
      case 'attributed_statement':
      case 'else_clause':
        for (const child of node.namedChildren)
          if (child && isStatementType(child.type)) this.statement(child);
        return;
      default:
        if (node.type.endsWith('_expression') || node.type === 'identifier') {
          this.value(node);
          return;
        }
        this.problems.push({ ...this.span(node), message: 'this text could not be parsed' });
        this.opaque(node, 'could not be parsed');
    }
  }

  #expressionStatement(node: Node): void {
    const expression = node.namedChildren.find((child) => child && child.type !== 'comment');
    if (!expression) return;
    const span = this.span(node);
    if (
      this.#computedGotos.some((one) => one.end <= span.at + 8 && one.at >= span.at - 8 && one.at <= span.end)
    ) {
      this.opaque(node, 'a computed goto');
      this.#anyLabel(span);
      return;
    }
    this.value(expression);
  }

  /** A computed goto may go to any label whose address is taken. */
  #anyLabel(span: Span): void {
    const targets = [...this.#labels.values()].filter((label) => label.uses > 0);
    for (const label of targets) {
      const next = this.builder.block();
      this.builder.branch({ kind: 'unknown', text: 'a computed goto' }, label.block, next, span);
      this.builder.continueIn(next);
    }
    this.builder.end({ kind: 'unreachable', ...span });
  }

  #declaration(node: Node): void {
    const isStatic = node.children.some(
      (child) => child?.type === 'storage_class_specifier' && child.text === 'static',
    );
    const isExtern = node.children.some(
      (child) => child?.type === 'storage_class_specifier' && child.text === 'extern',
    );
    if (isExtern) return;
    for (const declarator of node.childrenForFieldName('declarator')) {
      if (!declarator) continue;
      const inner =
        declarator.type === 'init_declarator' ? declarator.childForFieldName('declarator') : declarator;
      const name = declaratorName(inner);
      if (
        name === null ||
        (inner?.type === 'function_declarator' && !findDeclarator(inner, 'parenthesized_declarator'))
      )
        continue;
      const span = this.span(declarator);
      const initial = declarator.type === 'init_declarator' ? declarator.childForFieldName('value') : null;
      const unique = this.scopes.declare(name, typeText(node, name, inner ?? declarator), span.at, isStatic);
      const target: Expr = { kind: 'name', name: unique, binding: 'local' };
      if (isStatic) continue;
      const value = initial ? this.value(initial) : null;
      if (value === null) this.builder.emit({ kind: 'declare', name: unique, ...span });
      else this.builder.emit({ kind: 'assign', target, value, ...span });
      this.#cleanupOf(name, unique, span);
    }
  }

  /** `__free(name)` and `__cleanup(function)` on a declaration. */
  #cleanupOf(name: string, unique: string, span: Span): void {
    for (const one of this.#variableAnnotations) {
      if (one.variable !== name || one.at < span.at - 200 || one.at > span.end) continue;
      if (one.name !== '__free' && one.name !== '__cleanup') continue;
      const between = this.#text.slice(Math.min(one.at, span.at), Math.max(one.at, span.at));
      if (between.includes(';')) continue;
      this.scopes.atEnd({
        kind: 'cleanup',
        cleanup: one.args[0] ?? '',
        variable: unique,
        at: one.at,
        end: one.end,
      });
    }
  }

  #if(node: Node): void {
    const then = this.builder.block();
    const alternative = node.childForFieldName('alternative');
    const after = this.builder.block();
    const otherwise = alternative ? this.builder.block() : after;
    const span = this.span(node);
    this.condition(node.childForFieldName('condition'), then, otherwise);
    this.builder.continueIn(then);
    this.#nested(node.childForFieldName('consequence'));
    this.builder.goto(after, span);
    if (alternative) {
      this.builder.continueIn(otherwise);
      this.#nested(alternative.type === 'else_clause' ? lastStatement(alternative) : alternative);
      this.builder.goto(after, span);
    }
    this.builder.continueIn(after);
  }

  /** A statement that may be a declaration's scope of its own. */
  #nested(node: Node | null): void {
    if (node) this.statement(node);
  }

  #while(node: Node): void {
    const head = this.builder.block();
    const body = this.builder.block();
    const after = this.builder.block();
    const span = this.span(node);
    this.builder.goto(head, span);
    this.builder.continueIn(head);
    this.condition(node.childForFieldName('condition'), body, after);
    this.#loopBody(node.childForFieldName('body'), body, head, after, span);
  }

  #loopBody(node: Node | null, body: BlockId, next: BlockId, after: BlockId, span: Span): void {
    this.#breaks.push({ block: after, depth: this.scopes.depth });
    this.#continues.push({ block: next, depth: this.scopes.depth });
    this.builder.continueIn(body);
    this.#nested(node);
    this.builder.goto(next, span);
    this.#breaks.pop();
    this.#continues.pop();
    this.builder.continueIn(after);
  }

  #doWhile(node: Node): void {
    const body = this.builder.block();
    const test = this.builder.block();
    const after = this.builder.block();
    const span = this.span(node);
    this.builder.goto(body, span);
    this.#loopBody(node.childForFieldName('body'), body, test, after, span);
    this.builder.continueIn(test);
    this.condition(node.childForFieldName('condition'), body, after);
    this.builder.continueIn(after);
  }

  #for(node: Node): void {
    const span = this.span(node);
    this.scopes.open(span.at);
    const initial = node.childForFieldName('initializer');
    if (initial?.type === 'declaration') this.#declaration(initial);
    else if (initial) this.value(initial);
    const head = this.builder.block();
    const body = this.builder.block();
    const step = this.builder.block();
    const after = this.builder.block();
    this.builder.goto(head, span);
    this.builder.continueIn(head);
    const test = node.childForFieldName('condition');
    if (test) this.condition(test, body, after);
    else this.builder.goto(body, span);
    this.#loopBody(node.childForFieldName('body'), body, step, after, span);
    this.builder.continueIn(step);
    const update = node.childForFieldName('update');
    if (update) this.value(update);
    this.builder.goto(head, span);
    this.builder.continueIn(after);
    this.#leaveScope();
  }

  /** `for_each_x(args) body`: a call that says whether there is one more round. */
  #iterator(node: Node, use: IteratorUse): void {
    const span = { at: use.at, end: use.end };
    const head = this.builder.block();
    const body = this.builder.block();
    const after = this.builder.block();
    this.scopes.open(HIDDEN_SCOPE);
    this.builder.goto(head, span);
    this.builder.continueIn(head);
    const args = this.#macroArguments(node, use.args);
    const result: Expr = { kind: 'name', name: this.scopes.temporary('bool', use.at), binding: 'temp' };
    const callee: Expr = { kind: 'name', name: use.name, binding: 'global' };
    this.builder.emit({ kind: 'call', result, name: use.name, callee, args, iterator: true, ...span });
    this.builder.branch(result, body, after, span);
    this.#loopBody(
      node.childForFieldName('body') ?? node.childForFieldName('consequence'),
      body,
      use.runs === 'once' ? after : head,
      after,
      span,
    );
    this.#leaveScope();
  }

  /** The arguments of a macro that reads `while (a, b)` in the slice; a declaration among them declares. */
  #macroArguments(node: Node, spans: readonly Span[]): readonly Expr[] {
    const test = node.childForFieldName('condition');
    const nodes: Node[] = [];
    const collect = (part: Node | null): void => {
      if (!part) return;
      if (part.type === 'comma_expression') {
        collect(part.childForFieldName('left'));
        collect(part.childForFieldName('right'));
      } else nodes.push(part);
    };
    collect(
      test?.type === 'parenthesized_expression'
        ? (test.namedChildren.find((child) => child && child.type !== 'comment') ?? null)
        : test,
    );
    return spans.map((span) => {
      const found = nodes.filter(
        (one) => this.offset + one.startIndex >= span.at && this.offset + one.endIndex <= span.end,
      );
      if (found.length === 1) return this.value(found[0]!);
      return { kind: 'unknown', text: this.#text.slice(span.at, span.end) };
    });
  }

  #guard(node: Node, use: GuardUse): void {
    const span = { at: use.at, end: use.end };
    if (use.form === 'guard' || use.form === 'class') {
      const args = this.#callArguments(node);
      const variable =
        use.variable === null
          ? this.scopes.temporary(use.guardClass, use.at)
          : this.scopes.declare(use.variable, use.guardClass, use.at);
      this.#enterGuard(use.guardClass, variable, args, span);
      return;
    }
    const after = this.builder.block();
    this.scopes.open(HIDDEN_SCOPE);
    const variable = this.scopes.temporary(use.guardClass, use.at);
    const args = this.#guardArguments(node, use);
    this.#enterGuard(use.guardClass, variable, args, span);
    if (use.form === 'conditional') {
      const taken = this.builder.block();
      const failed = this.builder.block();
      this.builder.branch({ kind: 'name', name: variable, binding: 'temp' }, taken, failed, span);
      this.builder.continueIn(failed);
      if (use.failure) this.#piece(use.failure.text, use.failure.at);
      this.#runEndings(this.scopes.depth - 1);
      this.builder.goto(after, span);
      this.builder.continueIn(taken);
    }
    const leave = this.builder.block();
    this.#breaks.push({ block: leave, depth: this.scopes.depth });
    this.#continues.push({ block: leave, depth: this.scopes.depth });
    this.#nested(node.childForFieldName('body') ?? node.childForFieldName('consequence'));
    this.builder.goto(leave, span);
    this.#breaks.pop();
    this.#continues.pop();
    this.builder.continueIn(leave);
    this.#leaveScope();
    this.builder.goto(after, span);
    this.builder.continueIn(after);
  }

  #enterGuard(guardClass: string, variable: string, args: readonly Expr[], span: Span): void {
    this.builder.emit({ kind: 'guard-enter', guardClass, variable, args, ...span });
    const end: Instruction = { kind: 'guard-exit', guardClass, variable, ...span };
    this.scopes.atEnd(end);
  }

  /** The arguments of the outer call in `guard(class)(args)`. */
  #callArguments(node: Node): readonly Expr[] {
    let call: Node | null = node.namedChildren.find((child) => child?.type === 'call_expression') ?? null;
    call ??= node.descendantsOfType('call_expression').find((one) => one !== null) ?? null;
    const args = call?.childForFieldName('arguments');
    return (args?.namedChildren ?? [])
      .filter((one): one is Node => one !== null && one.type !== 'comment')
      .map((one) => this.value(one));
  }

  /** The class is the first of the words that `scoped_guard(class, args)` leaves in the slice. */
  #guardArguments(node: Node, use: GuardUse): readonly Expr[] {
    return this.#macroArguments(node, use.args);
  }

  /** Lowers a statement that is no part of the slice's text. */
  #piece(text: string, at: number): void {
    const wrapped = `void f(void) { ${text}; }`;
    const outer = this.offset;
    this.offset = at - 'void f(void) { '.length;
    this.parser.parse(wrapped, (root) => {
      const body = root.namedChild(0)?.childForFieldName('body');
      for (const child of body?.namedChildren ?? []) if (child) this.statement(child);
    });
    this.offset = outer;
  }

  #switchStatement(node: Node): void {
    const span = this.span(node);
    const test = node.childForFieldName('condition');
    const value = this.value(test);
    const after = this.builder.block();
    const from = this.builder.current;
    const outer = this.#switch;
    const state: SwitchState = { value, cases: [], otherwise: null };
    this.#switch = state;
    this.#breaks.push({ block: after, depth: this.scopes.depth });
    this.builder.continueIn(this.builder.block());
    // What stands before the first case is not reached.
    this.#nested(node.childForFieldName('body'));
    this.builder.goto(after, span);
    this.#breaks.pop();
    this.#switch = outer;
    this.builder.continueIn(from);
    const at = test ? this.span(test) : span;
    if (constantTruth(value) === null)
      this.builder.end({
        kind: 'switch',
        value,
        cases: state.cases,
        otherwise: state.otherwise ?? after,
        ...at,
      });
    else this.builder.goto(decide(value, state) ?? after, at);
    this.builder.continueIn(after);
  }

  #case(node: Node): void {
    const state = this.#switch;
    const block = this.builder.block();
    this.builder.goto(block, this.span(node));
    this.builder.continueIn(block);
    const label = node.childForFieldName('value');
    if (state) {
      if (label === null) state.otherwise = block;
      else state.cases.push(this.#caseOf(label, block));
    }
    for (const child of node.namedChildren) {
      if (child && child.id !== label?.id) this.statement(child);
    }
  }

  #caseOf(label: Node, to: BlockId): SwitchCase {
    const operator = label.type === 'binary_expression' ? label.childForFieldName('operator') : null;
    if (operator && this.#isCaseRange(operator)) {
      return {
        low: this.value(label.childForFieldName('left')),
        high: this.value(label.childForFieldName('right')),
        to,
      };
    }
    return { low: this.value(label), high: null, to };
  }

  #isCaseRange(operator: Node): boolean {
    const at = this.offset + operator.startIndex;
    return this.#caseRanges.has(at) || this.#caseRanges.has(at - 1) || this.#caseRanges.has(at - 2);
  }

  #labeled(node: Node): void {
    const label = node.childForFieldName('label');
    const state = label ? this.#labels.get(label.text) : undefined;
    if (state) {
      this.builder.goto(state.block, this.span(node));
      this.builder.continueIn(state.block);
    }
    for (const child of node.namedChildren) if (child && child.id !== label?.id) this.statement(child);
  }

  #goto(node: Node): void {
    const name = node.childForFieldName('label')?.text ?? '';
    const label = this.#labels.get(name);
    const span = this.span(node);
    if (!label) {
      this.opaque(node, `no label '${name}' in this function`);
      this.builder.end({ kind: 'unreachable', ...span });
      return;
    }
    label.uses++;
    this.#runEndings(this.scopes.sharedDepth(label.chain));
    this.builder.goto(label.block, span);
  }

  #jump(targets: readonly JumpTarget[], node: Node): void {
    const span = this.span(node);
    const target = targets[targets.length - 1];
    if (!target) {
      this.opaque(node, 'outside of a loop');
      return;
    }
    this.#runEndings(target.depth);
    this.builder.goto(target.block, span);
  }

  #return(node: Node): void {
    const expression = node.namedChildren.find((child) => child && child.type !== 'comment') ?? null;
    const span = this.span(node);
    let value = expression ? this.value(expression) : null;
    const endings = this.scopes.endings(0);
    if (value && endings.length > 0 && value.kind !== 'number') {
      // The value is made before the scopes end.
      const kept = this.temporary(node);
      this.builder.emit({ kind: 'assign', target: kept, value, ...span });
      value = kept;
    }
    this.#runEndings(0);
    this.builder.end({ kind: 'return', value, ...span });
  }

  /** `&&label`, which reads `&label` in the slice. */
  noteLabelAddress(name: string, at: number): void {
    if (this.#labelAddresses.has(at)) {
      const label = this.#labels.get(name);
      if (label) label.uses++;
    }
  }
}

function decide(value: Expr, state: SwitchState): BlockId | null {
  if (value.kind !== 'number') return state.otherwise;
  for (const one of state.cases)
    if (one.low.kind === 'number' && one.low.value === value.value) return one.to;
  return state.otherwise;
}

function opensScope(type: string): boolean {
  return type === 'compound_statement' || type === 'for_statement';
}

function mayHoldLabels(type: string): boolean {
  return isStatementType(type) || type === 'else_clause' || type === 'ERROR';
}

function isStatementType(type: string): boolean {
  return type.endsWith('_statement') || type === 'declaration';
}

function lastStatement(node: Node): Node | null {
  const children = node.namedChildren.filter((child) => child && child.type !== 'comment');
  return children[children.length - 1] ?? null;
}
