/** Functions that take a callback, and the context in which it will run. */
import type { CallbackRegistration, CallContext } from './callback.ts';

function at(
  source: string,
  context: CallContext,
  ...rows: readonly (readonly [name: string, argument: number])[]
): CallbackRegistration[] {
  return rows.map(([name, argument]) => ({ function: name, argument, context, source }));
}

export const REGISTRATIONS: readonly CallbackRegistration[] = [
  ...at(
    'include/linux/timer.h',
    'softirq',
    ['timer_setup', 1],
    ['timer_setup_on_stack', 1],
    ['DEFINE_TIMER', 1],
  ),
  ...at(
    'include/linux/hrtimer.h',
    'hardirq',
    ['hrtimer_setup', 1],
    ['hrtimer_setup_on_stack', 1],
    ['hrtimer_update_function', 1],
  ),
  ...at(
    'include/linux/interrupt.h',
    'softirq',
    ['tasklet_setup', 1],
    ['tasklet_init', 1],
    ['open_softirq', 1],
    ['DECLARE_TASKLET', 1],
  ),
  ...at(
    'include/linux/interrupt.h',
    'hardirq',
    ['request_irq', 1],
    ['request_threaded_irq', 1],
    ['request_percpu_irq', 1],
    ['request_nmi', 1],
    ['devm_request_irq', 2],
    ['devm_request_threaded_irq', 2],
    ['pci_request_irq', 2],
  ),
  ...at(
    'include/linux/interrupt.h',
    'process',
    ['request_threaded_irq', 2],
    ['devm_request_threaded_irq', 3],
    ['pci_request_irq', 3],
  ),
  // Callbacks of every flavour run with bottom halves off, in a softirq or in a kernel thread.
  ...at(
    'include/linux/rcupdate.h',
    'softirq',
    ['call_rcu', 1],
    ['call_rcu_hurry', 1],
    ['call_rcu_tasks', 1],
    ['call_rcu_tasks_trace', 1],
    ['call_srcu', 2],
  ),
  ...at(
    'include/linux/smp.h',
    'hardirq',
    ['smp_call_function_single', 1],
    ['smp_call_function_many', 1],
    ['smp_call_function', 0],
    ['smp_call_function_any', 1],
    ['on_each_cpu', 0],
    ['on_each_cpu_mask', 1],
    ['on_each_cpu_cond', 1],
    ['init_irq_work', 1],
    ['INIT_CSD', 1],
  ),
  // The other processors spin with interrupts off meanwhile.
  ...at(
    'include/linux/stop_machine.h',
    'atomic',
    ['stop_machine', 0],
    ['stop_machine_cpuslocked', 0],
    ['stop_one_cpu', 1],
  ),
  ...at(
    'include/linux/workqueue.h',
    'process',
    ['INIT_WORK', 1],
    ['INIT_WORK_ONSTACK', 1],
    ['INIT_DELAYED_WORK', 1],
    ['INIT_DEFERRABLE_WORK', 1],
    ['INIT_RCU_WORK', 1],
    ['DECLARE_WORK', 1],
    ['DECLARE_DELAYED_WORK', 1],
    ['kthread_init_work', 1],
    ['kthread_init_delayed_work', 1],
    ['schedule_on_each_cpu', 0],
    ['work_on_cpu', 1],
    ['init_task_work', 1],
    ['kthread_run', 0],
    ['kthread_create', 0],
    ['kthread_create_on_node', 0],
    ['kernel_thread', 0],
    ['async_schedule', 0],
    ['devm_add_action', 1],
    ['devm_add_action_or_reset', 1],
  ),
  // Woken under the wait queue's own lock, with interrupts off.
  ...at('include/linux/wait.h', 'atomic', ['init_waitqueue_func_entry', 1], ['DEFINE_WAIT_FUNC', 1]),
  ...at('include/linux/dma-fence.h', 'atomic', ['dma_fence_add_callback', 2]),
  ...at('include/linux/percpu-refcount.h', 'atomic', ['percpu_ref_init', 1]),
  ...at(
    'include/linux/netdevice.h',
    'softirq',
    ['netif_napi_add', 2],
    ['netif_napi_add_weight', 2],
    ['netif_napi_add_tx', 2],
    ['netif_napi_add_config', 2],
  ),
  ...at(
    'include/linux/usb.h',
    'softirq',
    ['usb_fill_control_urb', 6],
    ['usb_fill_bulk_urb', 5],
    ['usb_fill_int_urb', 5],
  ),
];
