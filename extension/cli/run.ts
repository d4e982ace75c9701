/** The command line as a function of its arguments: what `main.ts` runs, and the tests too. */
import { visible } from '../../engine/report/visible.ts';
import { type Arguments, type OptionSpecs, readArguments, suggestion } from './arguments.ts';
import {
  CONTRACTS_OPTIONS,
  contracts,
  RULES_OPTIONS,
  rules,
  SCENARIOS_OPTIONS,
  scenarios,
} from './catalogue.ts';
import { CHECK_OPTIONS, check } from './check.ts';
import { HELP, USAGE } from './help.ts';
import { EXIT, type ExitStatus, errorCode, type Host, UserError } from './host.ts';
import { MERGE_OPTIONS, merge } from './merge.ts';
import { writeReport } from './output.ts';
import type { Services } from './services.ts';
import { SIMULATE_OPTIONS, simulate } from './simulate.ts';

interface Command {
  readonly options: OptionSpecs;
  run(args: Arguments, host: Host, services: Services): Promise<ExitStatus>;
}

const MCP_OPTIONS: OptionSpecs = { help: { takes: 'flag', short: 'h' } };
const SERVE_OPTIONS: OptionSpecs = { stdio: { takes: 'flag' }, help: { takes: 'flag', short: 'h' } };

const COMMANDS: Readonly<Record<string, Command>> = {
  check: { options: CHECK_OPTIONS, run: check },
  simulate: { options: SIMULATE_OPTIONS, run: simulate },
  rules: { options: RULES_OPTIONS, run: rules },
  contracts: { options: CONTRACTS_OPTIONS, run: contracts },
  scenarios: { options: SCENARIOS_OPTIONS, run: scenarios },
  merge: { options: MERGE_OPTIONS, run: merge },
  serve: { options: SERVE_OPTIONS, run: serve },
  mcp: { options: MCP_OPTIONS, run: mcp },
};

/**
 * Runs one command. Never rejects: what goes wrong is a message on standard error and status 2.
 * @param argv without the program's own name.
 */
export async function runCommandLine(
  argv: readonly string[],
  host: Host,
  services: Services,
): Promise<ExitStatus> {
  try {
    return await dispatch(argv, host, services);
  } catch (error) {
    const message =
      error instanceof UserError
        ? messageOf(error)
        : `internal error, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    await complain(host, message);
    return EXIT.unusable;
  }
}

async function dispatch(argv: readonly string[], host: Host, services: Services): Promise<ExitStatus> {
  const [name, ...rest] = argv;
  if (name === undefined) throw new UserError('no command was given', "see 'lock-review --help'");
  if (name === '--help' || name === '-h' || name === 'help') {
    const [about] = rest;
    const text = about !== undefined && Object.hasOwn(HELP, about) ? HELP[about]! : USAGE;
    await writeReport(host, null, text);
    return EXIT.clean;
  }
  if (name === '--version' || name === '-V') {
    await writeReport(host, null, `lock-review ${services.version}\n`);
    return EXIT.clean;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const what = name.startsWith('-') ? `unknown option '${name}'` : `unknown command '${name}'`;
    throw new UserError(what, suggestion(name, Object.keys(COMMANDS)) ?? "see 'lock-review --help'");
  }
  const args = readArguments(name, rest, command.options);
  if (args.flag('help')) {
    await writeReport(host, null, HELP[name]!);
    return EXIT.clean;
  }
  return command.run(args, host, services);
}

async function serve(args: Arguments, _host: Host, services: Services): Promise<ExitStatus> {
  if (args.positionals.length > 0) throw new UserError(`unexpected argument '${args.positionals[0]}'`);
  if (!args.flag('stdio')) {
    throw new UserError(
      'expected --stdio: it is the one way that the server speaks',
      "see 'lock-review serve --help'",
    );
  }
  await services.serve();
  return EXIT.clean;
}

async function mcp(args: Arguments, _host: Host, services: Services): Promise<ExitStatus> {
  if (args.positionals.length > 0) throw new UserError(`unexpected argument '${args.positionals[0]}'`);
  await services.serveMcp();
  return EXIT.clean;
}

function messageOf(error: UserError): string {
  return error.hint === null ? error.message : `${error.message}\n  ${error.hint}`;
}

async function complain(host: Host, message: string): Promise<void> {
  try {
    // A message may name a file, and quote one, as somebody else has written them.
    await host.stderr.write(`lock-review: ${visible(message)}\n`);
  } catch (error) {
    // Nobody is listening; the status still tells.
    if (errorCode(error) !== 'EPIPE') throw error;
  }
}
