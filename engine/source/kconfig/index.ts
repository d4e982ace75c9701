/** Kconfig: what a tree says of its symbols. */
export { type KconfigDefinition, readKconfig } from './definitions.ts';
export { type KconfigEntryText, kconfigEntryText } from './entry-text.ts';
export type { Expression, KconfigValue } from './expression.ts';
export { type Implication, isKconfigFile, type Kconfig, kconfigOf, loadKconfig } from './kconfig.ts';
export { readStatements, readTokens, type Statement, type Token } from './statements.ts';
