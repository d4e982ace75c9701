/** Constants of the kernel of which code asks whether they are 0. */

/** Enumerators above 0 that are returned in place of an error. Source: `enum positive_aop_returns`, include/linux/fs.h. */
export const POSITIVE_CONSTANTS: ReadonlySet<string> = new Set([
  'AOP_WRITEPAGE_ACTIVATE',
  'AOP_TRUNCATED_PAGE',
]);
