/** The built-in contracts held against a tree: what the bodies of the functions do there. */
import { type Configuration, type CParser, evaluate } from '../c/index.ts';
import { compareContract, type Mismatch } from '../check/compare-contract.ts';
import { touchesLocks } from '../check/contract-effects.ts';
import type { Definition, Program } from '../check/index.ts';
import { bodyDifference, type Contract } from '../protocol/index.ts';
import type { Run, SourceTree } from '../source/index.ts';
import { DEFAULT_OPTIONS } from './options.ts';
import { openProgram } from './review-files.ts';

export interface ContractDifference {
  readonly contract: Contract;
  readonly file: string;
  readonly line: number;
  readonly mismatches: readonly Mismatch[];
  /** Why the contract is right all the same, or null where nobody has said so. */
  readonly because: string | null;
}

export interface ContractVerification {
  readonly release: string;
  /** Contracts that take or release a lock. */
  readonly contracts: number;
  /** Those whose body was found and agrees. */
  readonly agreeing: number;
  /** Those whose body does its work on bits and counters, or is too large: it tells nothing. */
  readonly silent: number;
  /** Those that the tree does not define as a function: macros, and what is in no file of it. */
  readonly unseen: number;
  readonly differences: readonly ContractDifference[];
}

/** Compares every contract that touches locks with the body that the tree has for it, in the order of the table. */
export async function verifyContracts(
  tree: SourceTree,
  parser: CParser,
  run?: Run,
): Promise<ContractVerification> {
  const program = await openProgram(tree, DEFAULT_OPTIONS, parser, new Set(), []);
  const rows = program.contracts.all().filter((row) => row.what === 'function' && touchesLocks(row));
  const found = await tree.findDefinitions([...new Set(rows.map((row) => row.name))].sort());
  const totals = { agreeing: 0, silent: 0, unseen: 0 };
  const differences: ContractDifference[] = [];
  for (const [at, contract] of rows.entries()) {
    if (run?.cancelled?.()) break;
    run?.progress?.(`comparing ${contract.name}() (${at + 1} of ${rows.length})`);
    const definition = await definitionOf(program, contract, found.get(contract.name) ?? []);
    if (!definition) {
      totals.unseen++;
      continue;
    }
    await program.loadCallees([definition], run);
    const summary = program.summary(definition, configurationOf(contract));
    const mismatches = summary && compareContract(contract, summary);
    if (!mismatches) totals.silent++;
    else if (mismatches.length === 0) totals.agreeing++;
    else {
      const { unit, fn } = definition;
      differences.push({
        contract,
        file: unit.path,
        line: unit.position(fn.nameAt).line,
        mismatches,
        because: bodyDifference(contract.name),
      });
    }
  }
  return { release: program.contracts.profile.release, contracts: rows.length, ...totals, differences };
}

/** Files that only a PREEMPT_RT kernel includes, where a spinlock is another thing. */
const REAL_TIME = /(?:^|[/_])(?:rt(?:mutex)?_|\w*_rt\.)/;

/** The definition that is compiled where the contract holds; the first file that has one counts. */
async function definitionOf(
  program: Program,
  contract: Contract,
  paths: readonly string[],
): Promise<Definition | null> {
  const configuration = configurationOf(contract);
  for (const path of paths) {
    if (REAL_TIME.test(path)) continue;
    const unit = await program.load(path);
    const fn = unit?.functions.find(
      (one) => one.name === contract.name && evaluate(one.presence, configuration),
    );
    if (unit && fn) return { unit, fn };
  }
  return null;
}

function configurationOf(contract: Contract): Configuration {
  const values = Object.entries(contract.config ?? {});
  return { values: new Map([['CONFIG_PREEMPT_RT', 'n'], ...values] as const), fallback: 'y' };
}
