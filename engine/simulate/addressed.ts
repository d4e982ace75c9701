/** Which variables have to live in memory and cannot be registers: their address is taken, or they have parts. */
import { type Block, type Expr, type FunctionIR, partsOf } from '../c/index.ts';
import { parseType } from './ctypes.ts';

interface Code {
  readonly blocks: readonly Block[];
  readonly params: FunctionIR['params'];
  readonly locals: FunctionIR['locals'];
}

/** @param isReference true where a macro of that name is handed its argument of that index as a place. */
export function addressedVariables(
  ir: Code,
  isReference: (name: string, argument: number) => boolean,
): ReadonlySet<string> {
  const found = new Set<string>();
  const names = new Set([...ir.params, ...ir.locals].map((variable) => variable.name));
  const add = (expr: Expr) => {
    if (expr.kind === 'name' && names.has(expr.name)) found.add(expr.name);
  };
  const visit = (expr: Expr): void => {
    if (expr.kind === 'address') add(baseOf(expr.operand));
    else if (expr.kind === 'field' && !expr.arrow) add(baseOf(expr.base));
    for (const part of partsOf(expr)) visit(part);
  };
  for (const variable of [...ir.params, ...ir.locals]) {
    const type = parseType(variable.type);
    if (type.kind === 'struct' || type.kind === 'array') found.add(variable.name);
  }
  for (const block of ir.blocks) {
    for (const instruction of block.instructions) {
      if (instruction.kind === 'assign') {
        visit(instruction.target);
        visit(instruction.value);
        if (instruction.value.kind === 'aggregate') add(instruction.target);
      } else if (instruction.kind === 'call') {
        for (const [i, arg] of instruction.args.entries()) {
          visit(arg);
          if (instruction.name !== null && isReference(instruction.name, i)) add(baseOf(arg));
        }
        visit(instruction.callee);
        if (instruction.result !== null) visit(instruction.result);
      } else if (instruction.kind === 'guard-enter') for (const arg of instruction.args) visit(arg);
    }
    const { terminator } = block;
    if (terminator.kind === 'branch') visit(terminator.condition);
    else if (terminator.kind === 'switch') visit(terminator.value);
    else if (terminator.kind === 'return' && terminator.value !== null) visit(terminator.value);
  }
  return found;
}

/** The variable that a place is part of, as long as no pointer is followed. */
function baseOf(expr: Expr): Expr {
  let at = expr;
  while ((at.kind === 'field' && !at.arrow) || at.kind === 'index') at = at.base;
  return at;
}
