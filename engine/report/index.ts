/** A review as text for each of its readers. Pure functions: the same review gives the same bytes. */
export * from './b4-report.ts';
export * from './counts.ts';
export * from './github-report.ts';
export * from './json-report.ts';
export * from './reply-report.ts';
export * from './rule-text.ts';
export * from './sarif-merge.ts';
export * from './sarif-report.ts';
export * from './text-report.ts';
export { ascii, displayWidth, visible, visibleJson, visibleLine } from './visible.ts';
export { wrap } from './wrap.ts';
