/** Functions that do not come back. */
import { family } from './build.ts';
import type { Contract } from './contract.ts';

const gone = (source: string, names: readonly string[]): Contract[] =>
  family(source).each(names, [], { noreturn: true });

export const noreturn: readonly Contract[] = [
  ...gone('include/asm-generic/bug.h', ['BUG', 'unreachable', '__builtin_unreachable', 'BUILD_BUG']),
  ...gone('include/linux/panic.h', [
    'panic',
    'vpanic',
    'nmi_panic',
    '__stack_chk_fail',
    'fortify_panic',
    '__fortify_panic',
  ]),
  ...gone('include/linux/sched/task.h', [
    'do_exit',
    'do_group_exit',
    'make_task_dead',
    'kthread_exit',
    'kthread_complete_and_exit',
    'module_put_and_kthread_exit',
    '__module_put_and_kthread_exit',
    'do_task_dead',
    'rewind_stack_and_make_dead',
  ]),
  ...gone('include/linux/reboot.h', [
    'machine_real_restart',
    'cpu_startup_entry',
    'hlt_play_dead',
    'arch_cpu_idle_dead',
  ]),
  // These come back only where their condition is false.
  ...family('include/asm-generic/bug.h').each(['BUG_ON'], [], {
    sleeps: 'no',
    stops: { operand: 'arg0', is: 'nonzero' },
  }),
  ...family('include/linux/mmdebug.h').each(
    ['VM_BUG_ON', 'VM_BUG_ON_PAGE', 'VM_BUG_ON_FOLIO', 'VM_BUG_ON_VMA', 'VM_BUG_ON_MM', 'VM_BUG_ON_PGFLAGS'],
    [],
    { sleeps: 'no', stops: { operand: 'arg0', is: 'nonzero' } },
  ),
];
