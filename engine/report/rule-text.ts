/** What a report needs to know about a rule besides its findings, and where to read on. */
import type { Level } from '../check/finding.ts';
import { wrap } from './wrap.ts';

/** A rule's documentation, as `engine/check` has it. */
export interface RuleText {
  readonly id: string;
  readonly level: Level;
  readonly doc: {
    /** One sentence: what the rule finds. */
    readonly what: string;
    readonly why: string;
    readonly advice: string;
    /** C that the rule reports, and C that it does not. */
    readonly bad: string;
    readonly good: string;
  };
}

const DOCS = 'https://docs.kernel.org/';

/**
 * The page of the kernel's documentation that a rule enforces. Rules without a line here are about locking at
 * large, and link to the kernel's guide to it.
 */
const PAGES: Readonly<Record<string, string>> = {
  'config-imbalance': 'kbuild/kconfig-language.html',
  'stale-config': 'kbuild/kconfig-language.html',
  'definition-coverage': 'kbuild/kconfig-language.html',
  'sleep-in-atomic': 'locking/locktypes.html',
  'double-lock': 'locking/locktypes.html',
  'wrong-mode': 'locking/locktypes.html',
  'lock-order': 'locking/lockdep-design.html',
  'fault-under-lock': 'mm/process_addrs.html',
  'missing-lock': 'mm/process_addrs.html',
  'null-lock-argument': 'mm/process_addrs.html',
  'split-read': 'mm/process_addrs.html',
  'unprotected-write': 'mm/process_addrs.html',
  'stale-pointer': 'RCU/checklist.html',
  'seqcount-retry': 'locking/seqlock.html',
  'callback-imbalance': 'filesystems/seq_file.html',
  'reference-leak': 'core-api/kref.html',
  'moved-code-changed': 'process/submitting-patches.html',
};

/** A page about what the rule enforces. */
export function ruleHelpUri(id: string): string {
  return DOCS + (Object.hasOwn(PAGES, id) ? PAGES[id] : 'kernel-hacking/locking.html');
}

/** The rule's page as Markdown: for SARIF viewers and hovers. */
export function ruleMarkdown(rule: RuleText): string {
  const { what, why, advice, bad, good } = rule.doc;
  const blocks = [`# ${rule.id}`, what, why, `**What to do:** ${advice}`];
  if (bad !== '') blocks.push('Reported:', fence(bad));
  if (good !== '') blocks.push('Not reported:', fence(good));
  blocks.push(`To suppress one finding, put \`/* lock-review: ignore ${rule.id} */\` on its line.`);
  return `${blocks.join('\n\n')}\n`;
}

function fence(code: string): string {
  return `\`\`\`c\n${code.trimEnd()}\n\`\`\``;
}

/** The rule's page as plain text of at most `width` columns. */
export function rulePage(rule: RuleText, width: number): string {
  const { what, why, advice, bad, good } = rule.doc;
  const lines = [`${rule.id} (${rule.level})`, '', ...wrap(what, width), '', ...wrap(why, width), ''];
  lines.push(...wrap(`What to do: ${advice}`, width), '');
  if (bad !== '') lines.push('Reported:', '', ...indented(bad), '');
  if (good !== '') lines.push('Not reported:', '', ...indented(good), '');
  lines.push('To suppress one finding, put this on its line:', `    /* lock-review: ignore ${rule.id} */`);
  lines.push(
    'To suppress it everywhere, in .lock-review.json:',
    `    { "rules": { "${rule.id}": "off" } }`,
    '',
  );
  lines.push(`See also: ${ruleHelpUri(rule.id)}`);
  return `${lines.join('\n')}\n`;
}

function indented(code: string): string[] {
  return code
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`));
}
