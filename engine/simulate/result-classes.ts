/** Which results of an unknown function its caller tells apart: those are the ones that are tried. */
import type { Block, Expr, FunctionIR, Instruction } from '../c/index.ts';
import type { ResultClassValue } from './model.ts';

type Call = Extract<Instruction, { kind: 'call' }>;

/** What calling a function on a value tells about it: from the contracts. */
export type TestOf = (name: string) => 'error' | 'null-or-error' | 'truth' | null;

export function resultClasses(
  ir: FunctionIR,
  call: Call,
  returnsPointer: boolean,
  testOf: TestOf,
): { readonly isPointer: boolean; readonly classes: readonly ResultClassValue[] } {
  const { result } = call;
  if (result === null) return { isPointer: false, classes: [] };
  const name = result.kind === 'name' ? result.name : null;
  const declared =
    name === null ? undefined : [...ir.params, ...ir.locals].find((one) => one.name === name)?.type;
  const use = name === null ? { ...NO_USE, truth: true } : usesOf(ir, name, testOf);
  const isPointer = returnsPointer || use.followed || declared?.includes('*') === true;
  const classes: ResultClassValue[] = [];
  if (isPointer) {
    classes.push('valid');
    if (use.truth) classes.push('null');
    if (use.error) classes.push('error');
    return { isPointer, classes };
  }
  classes.push(0);
  if (use.truth) classes.push(1);
  if (use.negative || use.error) classes.push('negative');
  for (const constant of use.constants) if (!classes.includes(constant)) classes.push(constant);
  return { isPointer, classes: classes.slice(0, 5) };
}

interface Use {
  truth: boolean;
  error: boolean;
  negative: boolean;
  followed: boolean;
  constants: number[];
}

const NO_USE: Use = { truth: false, error: false, negative: false, followed: false, constants: [] };

function usesOf(ir: FunctionIR, name: string, testOf: TestOf): Use {
  const use: Use = { ...NO_USE, constants: [] };
  const isIt = (expr: Expr): boolean => expr.kind === 'name' && expr.name === name;
  const visit = (expr: Expr, tested: boolean): void => {
    switch (expr.kind) {
      case 'name':
        if (tested && expr.name === name) use.truth = true;
        return;
      case 'field':
        if (expr.arrow && isIt(expr.base)) use.followed = true;
        visit(expr.base, false);
        return;
      case 'deref':
        if (isIt(expr.operand)) use.followed = true;
        visit(expr.operand, false);
        return;
      case 'index':
        if (isIt(expr.base)) use.followed = true;
        visit(expr.base, false);
        visit(expr.index, false);
        return;
      case 'address':
        visit(expr.operand, false);
        return;
      case 'unary':
        visit(expr.operand, expr.op === '!' || tested);
        return;
      case 'cast':
        visit(expr.operand, tested);
        return;
      case 'binary': {
        for (const [side, other] of [
          [expr.left, expr.right],
          [expr.right, expr.left],
        ] as const) {
          if (!isIt(side)) continue;
          if (expr.op === '&' && tested) use.truth = true;
          if (!/^(==|!=|<|>|<=|>=)$/.test(expr.op)) continue;
          if (other.kind === 'number') {
            if (other.value === 0 && (expr.op === '<' || expr.op === '>=')) use.negative = true;
            else if (other.value === 0) use.truth = true;
            else use.constants.push(other.value);
          } else if (other.kind === 'unary' && other.op === '-') use.negative = true;
          else use.truth = true;
        }
        const logical = expr.op === '&&' || expr.op === '||';
        visit(expr.left, logical);
        visit(expr.right, logical);
        return;
      }
      case 'aggregate':
        for (const field of expr.fields) visit(field.value, false);
    }
  };
  const visitBlock = (block: Block): void => {
    for (const instruction of block.instructions) {
      if (instruction.kind === 'assign') {
        visit(instruction.target, false);
        visit(instruction.value, false);
      } else if (instruction.kind === 'call') {
        const test = instruction.name === null ? null : testOf(instruction.name);
        for (const arg of instruction.args) {
          if (isIt(arg) && (test === 'error' || test === 'null-or-error')) {
            use.error = true;
            if (test === 'null-or-error') use.truth = true;
          }
          // `unlikely(!x)` passes its argument on to a branch.
          visit(arg, test === 'truth');
        }
        if (instruction.name === null) visit(instruction.callee, false);
      }
    }
    const { terminator } = block;
    if (terminator.kind === 'branch') visit(terminator.condition, true);
    else if (terminator.kind === 'switch' && isIt(terminator.value)) {
      for (const one of terminator.cases) if (one.low.kind === 'number') use.constants.push(one.low.value);
    } else if (terminator.kind === 'return' && terminator.value !== null) {
      // What is handed on may be told apart by the caller.
      if (isIt(terminator.value)) use.truth = true;
    }
  };
  for (const block of ir.blocks) visitBlock(block);
  return use;
}
