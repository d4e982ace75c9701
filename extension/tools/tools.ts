/**
 * What a review assistant may ask: the command line's `check` and `simulate`, read-only, JSON in and out. Each tool
 * is its description for the assistant, the JSON schema of its input (which package.json repeats for VS Code), and
 * the command that answers it.
 */
import type { SchemaProperty, ToolInput } from './tool-input.ts';

export interface Tool {
  readonly name: 'lock_review_check' | 'lock_review_simulate';
  readonly title: string;
  readonly description: string;
  readonly inputSchema: {
    readonly type: 'object';
    readonly properties: Readonly<Record<string, SchemaProperty>>;
    readonly required?: readonly string[];
    readonly additionalProperties: false;
  };
  /** The arguments of the command line for an input that fits the schema. */
  commandOf(input: ToolInput): readonly string[];
}

/** A simulation that takes longer, in seconds, ends with the verdict `not-finished`. */
const LONGEST_SIMULATION = 30;

const SUBJECT = {
  patch: {
    type: 'string',
    description: 'The patch, mbox series or mail as text, quoted or not. Give this or `input`, not both.',
  },
  input: {
    type: 'string',
    description:
      'Instead of `patch`: the path of a patch, mbox or mail, of a .c or .h file, or a git range such as v7.1..HEAD (with `tree`).',
  },
  tree: {
    type: 'string',
    description:
      'Folder of the kernel tree that the patch applies to. Without it the hunks alone are checked, and what could not be is listed in `notes`.',
  },
  config: {
    type: 'object',
    description: 'Kconfig symbols held at one value; others that matter are tried both ways.',
    additionalProperties: { type: 'string', enum: ['y', 'm', 'n'] },
  },
} as const satisfies Record<string, SchemaProperty>;

export const TOOLS: readonly Tool[] = [
  {
    name: 'lock_review_check',
    title: 'Check a kernel patch for lock errors',
    description:
      'Reviews a Linux kernel patch, series or C file for lock-protocol errors (mmap_lock, per-VMA locks, RCU, spinlocks, mutexes, rwsems) by walking every path of every changed function under every configuration that matters. Deterministic; nothing is compiled or changed. Answers with JSON: each finding has its rule, level, message, file, line, whether the patch introduces it, and the path that leads to it, step by step.',
    inputSchema: {
      type: 'object',
      properties: {
        ...SUBJECT,
        all: { type: 'boolean', description: 'Also report what was there before the patch.' },
      },
      additionalProperties: false,
    },
    commandOf: (input) => [
      ...['check', '--format', 'json'],
      ...(input.flag('all') ? ['--all'] : []),
      ...common(input),
    ],
  },
  {
    name: 'lock_review_simulate',
    title: 'Run a patched kernel function against other tasks',
    description:
      "Runs functions of a Linux kernel patch against the other tasks of a scenario (a reader of /proc/pid/maps while a VMA is shrunk, and the like) through every interleaving, and says whether the scenario's property holds; if not, gives the shortest schedule that breaks it, step by step with the locks held. Answers with JSON, a list with one result for each scenario that fits.",
    inputSchema: {
      type: 'object',
      properties: {
        ...SUBJECT,
        functions: {
          type: 'array',
          items: { type: 'string' },
          description:
            'Functions of the patch or the tree that are to play a role. Default: those that the patch touches.',
        },
        scenario: { type: 'string', description: 'One scenario by name. Default: every one that fits.' },
        schedule: {
          type: 'string',
          description:
            'Replay this schedule, which an earlier answer gave, instead of exploring. Needs `scenario`.',
        },
        before: { type: 'boolean', description: 'Run the code as it is before the patch.' },
      },
      additionalProperties: false,
    },
    commandOf(input) {
      const schedule = input.text('schedule');
      const scenario = input.text('scenario');
      return [
        ...['simulate', '--format', 'json'],
        ...input.texts('functions').map((name) => `--function=${name}`),
        ...(scenario === null ? [] : [`--scenario=${scenario}`]),
        ...(schedule === null ? [`--max-time=${LONGEST_SIMULATION}`] : [`--schedule=${schedule}`]),
        ...(input.flag('before') ? ['--before'] : []),
        ...common(input),
      ];
    },
  },
];

/** What both commands take; values that begin with a dash are no options. */
function common(input: ToolInput): string[] {
  const tree = input.text('tree');
  return [
    ...(tree === null ? [] : [`--tree=${tree}`]),
    ...input.pairs('config').map(([name, value]) => `--config=${name}=${value}`),
    '--',
    input.text('input') ?? '-',
  ];
}
