/** What `--help` prints. Each text fits 80 columns. */

export const USAGE = `usage: lock-review COMMAND [options]

Reviews Linux kernel patches for lock-protocol errors: mmap_lock, per-VMA locks,
RCU, and the locks around them.

  check INPUT...    review patches, mails, commits or C files
  rules [ID]        the rules, one a line, or the page of one
  contracts [NAME]  what the kernel's lock functions are known to do
  simulate INPUT... run functions of a patch against the tasks of a scenario
  scenarios         the scenarios of the simulator, one a line
  merge FILE...     put the SARIF reports of a sharded check together
  serve --stdio     the language server, for any editor
  mcp               check and simulate as tools for a review assistant

'lock-review COMMAND --help' tells more. 'lock-review --version' names this one.
`;

export const HELP: Readonly<Record<string, string>> = {
  check: `usage: lock-review check [options] INPUT...

Reviews each INPUT: a .patch, .diff, .mbox or .eml file, a .c or .h file, a
directory of the tree, a git range (A..B, with --tree), or - for standard input.

  --tree DIR           the kernel tree that the patches are for; without it the
                       hunks alone are read, and what could not be checked for
                       want of a tree is said
  --config NAME=VALUE  fix a symbol at y, m or n (repeatable); others that
                       matter are tried both ways
  --all                also report what was there before the patch
  --format FORMAT      text (default), json, sarif, github (annotations of a
                       workflow), reply (a mail that quotes the patch) or b4
                       (for b4.review-perpatch-check-cmd)
  -o, --output FILE    write the report there instead of to standard output
  --fail-on LEVEL      the least level that fails: error (default), warning,
                       note or never
  --rule ID=LEVEL      report a rule as error, warning or note, or turn it off
                       (repeatable)
  --baseline FILE      leave out what this report knows: it was written by
                       check --all --format json --output FILE
  --shard I/N          check part I of N of the files; patches belong to part 1
  -j, --jobs N         threads to review directories with; 4 at most if not said
  --no-cache           do not use nor keep what was found out about C files of
                       the tree; it is kept in lock-review/ of the user's cache
                       directory (XDG_CACHE_HOME) and may be deleted
  --color WHEN         auto (default), always or never; NO_COLOR is heeded

The file .lock-review.json at the root of the tree sets rule levels, contracts,
symbols, suppressions and a baseline for everyone; its schema is beside this
program, in lock-review.schema.json. In the source, the comment
/* lock-review: ignore RULE reason */ on a line, or alone on the line above,
says that the rule is not to report that line.

Exit status: 0 if nothing at or above --fail-on was introduced, 1 if something
was, 2 if an input or an argument could not be used.
`,
  simulate: `usage: lock-review simulate [options] INPUT...

Runs the patched functions of each INPUT against the other tasks of a scenario,
and says whether its property holds. INPUTs are as for check.

  --function NAME      a function that plays a role of the scenario (repeatable)
  --scenario NAME      one scenario ('lock-review scenarios'); else every one
                       that the functions fit
  --tree DIR           the kernel tree, for what the patch does not show
  --config NAME=VALUE  fix a symbol at y, m or n (repeatable)
  --before             run the code as it is before the patch
  --depth DEPTH        VMA locks in one step (contract) or by their code (full)
  --explore            every interleaving (default)
  --random N           N random schedules; --seed S makes them others
  --schedule STRING    the schedule that a report gave
  --full               explore without reduction
  --preemptions N      explore only schedules with at most N preemptions
  --max-states N, --max-memory MB, --max-time SECONDS
                       what exploring may use; reaching it is a verdict
  --export promela     no search: write the scenario as a model for Spin, to be
                       checked by another program
  --session FILE       a session exported from the panel, in place of INPUT: its
                       scenario and configuration, along its schedule
  --whole              show every operation, not only those that others see
  --format FORMAT      text (default) or json: one object for --scenario, else a
                       list
  -o, --output FILE    write the report there instead of to standard output

Exit status: 0 if nothing was violated, 1 if something was, 2 if nothing could
be run.
`,
  rules: `usage: lock-review rules [--format text|json] [ID]

Lists the rules, one a line: id, level, and what each finds. With an ID,
explains it: why it matters, what to do, C that is reported and C that is not.
`,
  contracts: `usage: lock-review contracts [options] [NAME]

Lists the lock contracts, one a line: the name, and what it takes, releases or
needs. With a NAME, describes it.

  --tree DIR           of this tree's release, instead of the newest known
  --verify             compare them with the bodies of the functions in the
                       tree: each difference, and why it is none. Exit status
                       1 if one is not explained
`,
  scenarios: `usage: lock-review scenarios

Lists the scenarios of the simulator, one a line: the name, and who does what.
`,
  merge: `usage: lock-review merge [-o FILE] FILE...

Puts SARIF reports that 'lock-review check --format sarif --shard I/N' wrote
together into one. Their order does not matter.

  -o, --output FILE    write the report there instead of to standard output
`,
  serve: `usage: lock-review serve --stdio

Runs the language server over standard input and output.
`,
  mcp: `usage: lock-review mcp

Serves the tools lock_review_check and lock_review_simulate to an assistant, by
the Model Context Protocol over standard input and output. Both only read; what
they answer is the JSON report of the command.
`,
};
