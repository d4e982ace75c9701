/** The lock protocol as data: contracts, kinds of lock, order, stability, and how a release is told. */
export { BODY_DIFFERENCES, type BodyDifference, bodyDifference } from './body-differences.ts';
export * from './callbacks.ts';
export * from './contract.ts';
export * from './describe.ts';
export { FLAG_GROUPS } from './flag-groups.ts';
export * from './gfp.ts';
export * from './kinds.ts';
export { argumentsOf, lintContracts, refsOf } from './lint.ts';
export * from './lock-ref.ts';
export * from './order.ts';
export {
  compareReleases,
  type DetectedProfile,
  detectProfile,
  NEWEST,
  type Profile,
  profileFromUse,
  releaseOfMakefile,
  type SeenCall,
} from './profile.ts';
export * from './stability.ts';
export { buildTable, type ContractTable, contractTable, holdsIn, type SymbolValue } from './table.ts';
export { CONTRACTS } from './tables.ts';
