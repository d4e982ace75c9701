export * from './condition.ts';
export {
  and,
  collectSymbols,
  combine,
  evaluate,
  formatCondition,
  negate,
  or,
  symbolsOf,
  symbolValue,
} from './conditions.ts';
export { configurationSpace, uniformConfiguration } from './configuration-space.ts';
export { partsOf } from './expression-parts.ts';
export { type FragmentInfo, parseFragment } from './fragment.ts';
export { printGraph, printInstruction, printIR, printTerminator } from './graph.ts';
export type * from './ir.ts';
export { type LowerOptions, lowerFunction, lowerMacro } from './lower.ts';
export { type MacroFunction, macroAsFunction } from './macro-function.ts';
export { definedTest, enabledTest, parseCondition } from './parse-condition.ts';
export { parseUnit } from './parse-unit.ts';
export { type CParser, createParser, type ParserSource } from './parser.ts';
export { printExpression } from './print-expression.ts';
export * from './slice.ts';
export { sliceFunction } from './slice-function.ts';
export * from './unit.ts';
