import { lowerMacro, parseUnit, printIR } from '../../../engine/c/index.ts';
import { DEFAULT_OPTIONS, reviewFiles } from '../../../engine/review/index.ts';
import { loadParser } from '../../bench/tree-run.ts';
import { textsBelow } from '../fixtures.ts';
import { type FuzzTarget, must } from '../target.ts';

/** C text: its structure, every function lowered, every rule. */
export async function c(): Promise<FuzzTarget> {
  const parser = await loadParser();
  return {
    name: 'c',
    seeds: () => [...textsBelow('test/fixtures', ['.c', '.h']), ...textsBelow('sample/tree', ['.c', '.h'])],
    words: [
      ...[
        '#if ',
        '#ifdef CONFIG_A\n',
        '#elif defined(B)\n',
        '#else\n',
        '#endif\n',
        '#define M(x) x',
        'IS_ENABLED(CONFIG_A)',
      ],
      ...[
        'mutex_lock(&m);',
        'mutex_unlock(&m);',
        'guard(mutex)(&m);',
        'scoped_guard(rcu)',
        'rcu_read_lock();',
      ],
      ...[
        'if (',
        ') {',
        'for (;;)',
        'while (1)',
        'do {',
        '} while (0);',
        'switch (x) {',
        'case 1:',
        'default:',
        'goto l;',
      ],
      ...[
        'l:',
        'return',
        'break;',
        'continue;',
        '({',
        '});',
        'static int f(void)\n{\n',
        '\n}\n',
        '__acquires(x)',
        'asm(',
      ],
      ...[
        'SYSCALL_DEFINE1(',
        'DEFINE_GUARD(',
        'list_for_each_entry(a, b, c)',
        '__free(kfree)',
        'struct s { int a; };',
      ],
    ],
    async run(text) {
      const unit = parseUnit('fuzz.c', text);
      for (const fn of unit.functions)
        must(
          fn.at <= fn.bodyAt && fn.bodyAt < fn.end && fn.end <= text.length,
          `${fn.name} is out of bounds`,
        );
      for (const macro of unit.macros) {
        const ir = lowerMacro(parser, unit, macro, { values: new Map(), fallback: 'y' });
        if (ir) printIR(ir);
      }
      await reviewFiles([{ path: 'fuzz.c', text }], null, DEFAULT_OPTIONS, parser);
    },
  };
}
