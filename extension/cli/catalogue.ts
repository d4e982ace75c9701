/** `lock-review rules`, `contracts` and `scenarios`: what the engine knows. */
import { type Contract, describeContract } from '../../engine/protocol/index.ts';
import { rulePage } from '../../engine/report/index.ts';
import type { ContractVerification } from '../../engine/review/index.ts';
import { type Arguments, type OptionSpecs, oneOf, suggestion } from './arguments.ts';
import { EXIT, type ExitStatus, type Host, UserError } from './host.ts';
import { openTree } from './open-tree.ts';
import { writeReport } from './output.ts';
import type { Services } from './services.ts';

export const RULES_OPTIONS: OptionSpecs = {
  format: { takes: 'value' },
  help: { takes: 'flag', short: 'h' },
};

export async function rules(args: Arguments, host: Host, services: Services): Promise<ExitStatus> {
  const format = oneOf('--format', args.value('format') ?? 'text', ['text', 'json'] as const);
  const id = atMostOne(args, 'ID');
  const all = await services.rules();
  let chosen = all;
  if (id !== null) {
    chosen = all.filter((rule) => rule.id === id);
    if (chosen.length === 0)
      throw unknown(
        'rule',
        id,
        all.map((rule) => rule.id),
        'lock-review rules',
      );
  }
  let text: string;
  if (format === 'json') {
    const data = chosen.map((rule) => ({ id: rule.id, level: rule.level, ...rule.doc }));
    text = `${JSON.stringify(id === null ? data : data[0], null, 2)}\n`;
  } else if (id === null) {
    const width = Math.max(...all.map((rule) => rule.id.length));
    text = all
      .map((rule) => `${rule.id.padEnd(width)}  ${rule.level.padEnd(7)}  ${oneLine(rule.doc.what)}\n`)
      .join('');
  } else text = rulePage(chosen[0]!, Math.min(host.stdout.columns ?? 80, 100));
  await writeReport(host, null, text);
  return EXIT.clean;
}

export const CONTRACTS_OPTIONS: OptionSpecs = {
  tree: { takes: 'value' },
  verify: { takes: 'flag' },
  help: { takes: 'flag', short: 'h' },
};

export async function contracts(args: Arguments, host: Host, services: Services): Promise<ExitStatus> {
  const name = atMostOne(args, 'NAME');
  const treeName = args.value('tree');
  const tree = treeName === null ? null : await openTree(host, services, treeName);
  if (args.flag('verify')) {
    if (tree === null) throw new UserError('--verify needs a tree to compare with (--tree DIR)');
    if (name !== null) throw new UserError('--verify compares every contract: it takes no NAME');
    const verification = await services.verifyContracts(tree.source);
    await writeReport(host, null, verificationText(verification));
    return verification.differences.some((one) => one.because === null) ? EXIT.findings : EXIT.clean;
  }
  const list = await services.contracts(tree?.source ?? null);
  let text: string;
  if (name === null) {
    text = list.contracts.map((one) => `${contractLine(one)}\n`).join('');
  } else {
    const rows = list.contracts.filter((one) => one.name === name);
    if (rows.length === 0) {
      const names = list.contracts.map((one) => one.name);
      throw unknown('contract', name, names, 'lock-review contracts');
    }
    text = `${rows.map(describeContract).join('\n\n')}\n\nRelease: ${list.release}\n`;
  }
  await writeReport(host, null, text);
  return EXIT.clean;
}

/** Each difference with what either side has, and why the contract stands; then the counts. */
function verificationText(verification: ContractVerification): string {
  const lines: string[] = [];
  for (const { contract, file, line, mismatches, because } of verification.differences) {
    lines.push(`${contract.name}  ${file}:${line}`);
    for (const one of mismatches)
      lines.push(`  ${one.side === 'contract' ? 'contract' : 'body    '}  ${one.text}`);
    lines.push(because === null ? '  not explained' : `  because   ${because}`);
  }
  const { contracts: all, agreeing, silent, unseen, differences, release } = verification;
  const open = differences.filter((one) => one.because === null).length;
  lines.push(
    `Release ${release}: ${all} contracts on locks, ${agreeing} agree with the body, ${differences.length} differ (${open} not explained), ` +
      `${silent} have a body that shows no lock, ${unseen} no body in the tree.`,
  );
  return `${lines.join('\n')}\n`;
}

export const SCENARIOS_OPTIONS: OptionSpecs = { help: { takes: 'flag', short: 'h' } };

export async function scenarios(args: Arguments, host: Host, services: Services): Promise<ExitStatus> {
  if (args.positionals.length > 0) throw new UserError(`unexpected argument '${args.positionals[0]}'`);
  const all = await services.scenarios();
  const width = Math.max(...all.map((one) => one.name.length));
  await writeReport(
    host,
    null,
    all.map((one) => `${one.name.padEnd(width)}  ${oneLine(one.title)}\n`).join(''),
  );
  return EXIT.clean;
}

/** A contract on one line: `mutex_lock(): may sleep; takes mutex of argument 1`. Where it is from is left out. */
function contractLine(contract: Contract): string {
  const [head = '', ...facts] = describeContract(contract).split('\n').map(oneLine);
  const told = facts.filter((fact) => !fact.startsWith('source: ')).join('; ');
  return told === '' ? head : `${head}: ${told}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function atMostOne(args: Arguments, what: string): string | null {
  if (args.positionals.length > 1) {
    throw new UserError(`expected one ${what} at most, not ${args.positionals.length}`);
  }
  return args.positionals[0] ?? null;
}

function unknown(what: string, name: string, names: readonly string[], command: string): UserError {
  return new UserError(`there is no ${what} '${name}'`, suggestion(name, names) ?? `see '${command}'`);
}
