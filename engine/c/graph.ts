/**
 * Graphs as text: arrows between named blocks, as the fixtures of ESLint's code path analysis have them, and
 * a full listing for debugging.
 */
import type { Block, BlockId, FunctionIR, Instruction, Terminator } from './ir.ts';
import { printExpression } from './print-expression.ts';

/**
 * The control flow of a function as arrows: `entry->a->b->exit; a->exit`. A block is called by what it does:
 * the functions that it calls (`lock,check`), guards that begin and end (`+mutex`, `-mutex`), else the variable
 * that it sets (`ret=`) or the test that it ends with (`?x > 0`); the second block of a name is `name'2`. Paths
 * are written from the entry on, the taken side of a branch first; a path ends at a block that was on one
 * before. `exit` is any return, `dead` where control cannot come.
 */
export function printGraph(ir: FunctionIR): string {
  const names = blockNames(ir);
  const paths: string[] = [];
  const visited = new Set<BlockId>();
  const edges: (readonly [string, BlockId | 'exit' | 'dead'])[] = [['entry', ir.entry]];
  while (edges.length > 0) {
    const [from, first] = edges.pop()!;
    const path = [from];
    let at: BlockId | 'exit' | 'dead' = first;
    while (typeof at === 'number') {
      const name: string = names[at]!;
      path.push(name);
      if (visited.has(at)) break;
      visited.add(at);
      const next = successors(ir.blocks[at]!.terminator);
      for (let i = next.length - 1; i > 0; i--) edges.push([name, next[i]!]);
      at = next[0]!;
    }
    if (typeof at !== 'number') path.push(at);
    paths.push(path.join('->'));
  }
  return paths.join('; ');
}

function successors(terminator: Terminator): readonly (BlockId | 'exit' | 'dead')[] {
  switch (terminator.kind) {
    case 'goto':
      return [terminator.to];
    case 'branch':
      return [terminator.then, terminator.otherwise];
    case 'switch':
      return [...new Set([...terminator.cases.map((one) => one.to), terminator.otherwise])];
    case 'return':
      return ['exit'];
    case 'unreachable':
      return ['dead'];
  }
}

function blockNames(ir: FunctionIR): readonly string[] {
  const taken = new Map<string, number>();
  return ir.blocks.map((block) => {
    const name = blockName(block);
    const times = (taken.get(name) ?? 0) + 1;
    taken.set(name, times);
    return times === 1 ? name : `${name}'${times}`;
  });
}

function blockName(block: Block): string {
  const marks = block.instructions.map(mark).filter((one) => one !== null);
  if (marks.length > 0) return marks.join(',');
  for (const instruction of block.instructions) {
    if (instruction.kind === 'assign') return `${printExpression(instruction.target)}=`;
    if (instruction.kind === 'declare') return instruction.name;
  }
  const { terminator } = block;
  switch (terminator.kind) {
    case 'branch':
      return `?${printExpression(terminator.condition)}`;
    case 'switch':
      return `switch ${printExpression(terminator.value)}`;
    case 'return':
      return terminator.value === null ? 'return' : `return ${printExpression(terminator.value)}`;
    default:
      return terminator.kind;
  }
}

/** What a block's name says of an instruction. */
function mark(instruction: Instruction): string | null {
  switch (instruction.kind) {
    case 'call':
      return instruction.name ?? `*${printExpression(instruction.callee)}`;
    case 'guard-enter':
      return `+${instruction.guardClass}`;
    case 'guard-exit':
      return `-${instruction.guardClass}`;
    case 'cleanup':
      return `~${instruction.variable}`;
    case 'opaque':
      return 'opaque';
    default:
      return null;
  }
}

/** A function's whole IR, one instruction a line. */
export function printIR(ir: FunctionIR): string {
  const params = ir.params.map((param) => `${param.type} ${param.name}`.trim()).join(', ');
  const lines = [`${`${ir.returnType} ${ir.name}`.trim()}(${params})`];
  for (const local of ir.locals) {
    if (local.name.startsWith('%') && local.type === '') continue;
    const initial = local.initial === undefined ? '' : ` = ${printExpression(local.initial)}`;
    lines.push(`  ${local.isStatic ? 'static ' : ''}${local.name}: ${local.type}${initial}`);
  }
  for (const block of ir.blocks) {
    const labels = ir.labels.filter((label) => label.block === block.id).map((label) => ` ${label.name}:`);
    lines.push(`${block.id}:${block.id === ir.entry ? ' entry' : ''}${labels.join('')}`);
    for (const instruction of block.instructions) lines.push(`  ${printInstruction(instruction)}`);
    lines.push(`  ${printTerminator(block.terminator)}`);
  }
  for (const problem of ir.problems) lines.push(`! ${problem.at}-${problem.end}: ${problem.message}`);
  return `${lines.join('\n')}\n`;
}

/** One instruction as a line of text. */
export function printInstruction(instruction: Instruction): string {
  switch (instruction.kind) {
    case 'assign':
      return `${printExpression(instruction.target)} = ${printExpression(instruction.value)}`;
    case 'call': {
      const args = instruction.args.map(printExpression).join(', ');
      const callee = instruction.name ?? `(*${printExpression(instruction.callee)})`;
      const result = instruction.result === null ? '' : `${printExpression(instruction.result)} = `;
      const lazy = (instruction.lazyArgs ?? []).flatMap((one, index) => (one === null ? [] : [index]));
      const again = lazy.length === 0 ? '' : ` again ${lazy.join(', ')}`;
      return `${result}${instruction.iterator ? 'next ' : 'call '}${callee}(${args})${again}`;
    }
    case 'declare':
      return `declare ${instruction.name}`;
    case 'guard-enter': {
      const args = instruction.args.map(printExpression).join(', ');
      return `${instruction.variable} = enter ${instruction.guardClass}(${args})`;
    }
    case 'guard-exit':
      return `exit ${instruction.guardClass}(${instruction.variable})`;
    case 'cleanup':
      return `cleanup ${instruction.cleanup}(${instruction.variable})`;
    case 'opaque':
      return `opaque (${instruction.reason}): ${instruction.text}`;
  }
}

/** A terminator as a line of text. */
export function printTerminator(terminator: Terminator): string {
  switch (terminator.kind) {
    case 'goto':
      return `goto ${terminator.to}`;
    case 'branch':
      return `if ${printExpression(terminator.condition)} goto ${terminator.then} else ${terminator.otherwise}`;
    case 'switch': {
      const cases = terminator.cases.map(({ low, high, to }) => {
        const range = high === null ? '' : ` ... ${printExpression(high)}`;
        return `${printExpression(low)}${range}: ${to}`;
      });
      return `switch ${printExpression(terminator.value)} { ${[...cases, `default: ${terminator.otherwise}`].join(', ')} }`;
    }
    case 'return':
      return terminator.value === null ? 'return' : `return ${printExpression(terminator.value)}`;
    case 'unreachable':
      return 'unreachable';
  }
}
