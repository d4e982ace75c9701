/** Loops made of macros: which arguments they assign, and what is in them inside and behind the loop. */
import { family } from './build.ts';
import type { Contract, Lifetime } from './contract.ts';

type Spec = readonly [name: string, assigns: readonly number[], numbers?: readonly number[]];

/** `numbers` are the assigned arguments that are not pointers, and so may be 0 inside the loop. */
function loops(source: string, after: 'null' | 'unknown', specs: readonly Spec[]): Contract[] {
  const { iterator } = family(source);
  return specs.map(([name, assigns, numbers]) =>
    iterator(name, assigns, after, {
      ...(numbers === undefined
        ? {}
        : { inside: assigns.map((index) => (numbers.includes(index) ? 'unknown' : 'pointer')) }),
    }),
  );
}
const same = (names: readonly string[], assigns: readonly number[], numbers?: readonly number[]): Spec[] =>
  names.map((name) => (numbers === undefined ? [name, assigns] : [name, assigns, numbers]));

const vmaTree = [
  { lock: 'any', kind: 'mmap' },
  { lock: '@rcu', kind: 'rcu' },
] as const;
const vmaOfRound: Lifetime = { life: 'protects', pointer: 'arg1', by: vmaTree };
const standing: Lifetime = { life: 'iterates', pointer: 'arg0', by: vmaTree };

export const iterators: readonly Contract[] = [
  // Behind the loop the cursor of a list points at the head, which is no element.
  ...loops('include/linux/list.h', 'unknown', [
    ...same(
      [
        'list_for_each',
        'list_for_each_prev',
        'list_for_each_rcu',
        'list_for_each_continue',
        'list_for_each_from',
      ],
      [0],
    ),
    ...same(['list_for_each_safe', 'list_for_each_prev_safe'], [0, 1]),
    ...same(
      [
        'list_for_each_entry',
        'list_for_each_entry_reverse',
        'list_for_each_entry_continue',
        'list_for_each_entry_continue_reverse',
        'list_for_each_entry_from',
        'list_for_each_entry_from_reverse',
        'list_for_each_entry_rcu',
        'list_for_each_entry_srcu',
        'list_for_each_entry_lockless',
        'list_for_each_entry_continue_rcu',
        'list_for_each_entry_from_rcu',
        'plist_for_each_entry',
        'plist_for_each',
      ],
      [0],
    ),
    ...same(
      [
        'list_for_each_entry_safe',
        'list_for_each_entry_safe_continue',
        'list_for_each_entry_safe_from',
        'list_for_each_entry_safe_reverse',
        'plist_for_each_entry_safe',
        'plist_for_each_safe',
      ],
      [0, 1],
    ),
  ]),
  ...loops('include/linux/list.h', 'null', [
    ...same(['hlist_for_each', '__hlist_for_each_rcu', 'hlist_bl_for_each', 'llist_for_each'], [0]),
    ...same(['hlist_for_each_safe', 'llist_for_each_safe'], [0, 1]),
    ...same(
      [
        'hlist_for_each_entry',
        'hlist_for_each_entry_continue',
        'hlist_for_each_entry_from',
        'hlist_for_each_entry_rcu',
        'hlist_for_each_entry_srcu',
        'hlist_for_each_entry_rcu_bh',
        'hlist_for_each_entry_rcu_notrace',
        'hlist_for_each_entry_continue_rcu',
        'hlist_for_each_entry_from_rcu',
        'sk_for_each',
        'sk_for_each_rcu',
        'sk_for_each_from',
        'sk_for_each_bound',
        'inet_bind_bucket_for_each',
      ],
      [0],
    ),
    ...same(
      [
        'hlist_for_each_entry_safe',
        'sk_for_each_safe',
        'hlist_bl_for_each_entry',
        'hlist_bl_for_each_entry_rcu',
      ],
      [0, 1],
    ),
    ...same(['hlist_bl_for_each_entry_safe'], [0, 1, 2]),
    ...same(['hash_for_each', 'hash_for_each_rcu'], [1, 2], [1]),
    ...same(['hash_for_each_safe'], [1, 2, 3], [1]),
    ...same(
      ['hash_for_each_possible', 'hash_for_each_possible_rcu', 'hash_for_each_possible_rcu_notrace'],
      [1],
    ),
    ...same(['hash_for_each_possible_safe'], [1, 2]),
    ...same(['rbtree_postorder_for_each_entry_safe'], [0, 1]),
  ]),
  ...loops('include/linux/list_nulls.h', 'unknown', [
    ...same(
      [
        'hlist_nulls_for_each_entry',
        'hlist_nulls_for_each_entry_rcu',
        'hlist_nulls_for_each_entry_safe',
        'hlist_nulls_for_each_entry_from',
        'rht_for_each_entry',
        'rht_for_each_entry_rcu',
      ],
      [0, 1],
    ),
    ...same(['sk_nulls_for_each', 'sk_nulls_for_each_rcu', 'sk_nulls_for_each_from'], [0, 1]),
    ...same(['llist_for_each_entry'], [0]),
    ...same(['llist_for_each_entry_safe'], [0, 1]),
  ]),
  ...loops('include/linux/mm.h', 'null', same(['for_each_vma', 'for_each_vma_range'], [1])).map((row) => ({
    ...row,
    lifetimes: [vmaOfRound, standing],
  })),
  ...loops('include/linux/xarray.h', 'null', [
    ...same(['xa_for_each', 'xa_for_each_start', 'xa_for_each_range', 'xa_for_each_marked'], [1, 2], [1]),
    ...same(['xas_for_each', 'xas_for_each_marked', 'xas_for_each_conflict'], [1]),
    ...same(['idr_for_each_entry'], [1, 2], [2]),
    ...same(['idr_for_each_entry_continue'], [1, 2], [2]),
    ...same(['idr_for_each_entry_ul', 'idr_for_each_entry_continue_ul'], [1, 2, 3], [2, 3]),
    ...same(['radix_tree_for_each_slot', 'radix_tree_for_each_tagged'], [0]),
    ...same(['mas_for_each', 'mas_for_each_rev'], [1]),
    ...same(['mt_for_each'], [1, 2], [2]),
  ]),
  ...loops('include/linux/mm.h', 'null', [
    ...same(['vma_interval_tree_foreach', 'anon_vma_interval_tree_foreach'], [0]),
    ...same(['for_each_mem_cgroup', 'for_each_mem_cgroup_tree'], [0]),
    ...same(
      ['for_each_online_pgdat', 'for_each_zone', 'for_each_populated_zone', 'for_each_managed_zone_pgdat'],
      [0],
    ),
    ...same(['for_each_zone_zonelist', 'for_each_zone_zonelist_nodemask'], [0, 1]),
    ...same(['in_dev_for_each_ifa_rcu', 'in_dev_for_each_ifa_rtnl'], [0]),
    ...same(['in_dev_for_each_ifa_rtnl_net'], [1]),
    ...same(['for_each_pmc_rcu', 'for_each_pmc_rtnl'], [1]),
    ...same(['skb_list_walk_safe'], [1, 2]),
    ...same(['dma_fence_unwrap_for_each'], [0]),
    ...same(
      [
        'device_for_each_child_node_scoped',
        'for_each_child_of_node_scoped',
        'for_each_available_child_of_node_scoped',
      ],
      [1],
    ),
  ]),
  ...loops('include/linux/cpumask.h', 'unknown', [
    ...same(
      [
        'for_each_cpu',
        'for_each_cpu_and',
        'for_each_cpu_andnot',
        'for_each_cpu_or',
        'for_each_cpu_wrap',
        'for_each_cpu_from',
        'for_each_possible_cpu',
        'for_each_online_cpu',
        'for_each_enabled_cpu',
        'for_each_present_cpu',
        'for_each_possible_cpu_wrap',
        'for_each_online_cpu_wrap',
        'for_each_node',
        'for_each_online_node',
        'for_each_node_state',
        'for_each_node_mask',
        'for_each_node_with_cpus',
        'for_each_set_bit',
        'for_each_set_bit_from',
        'for_each_clear_bit',
        'for_each_clear_bit_from',
        'for_each_and_bit',
        'for_each_andnot_bit',
        'for_each_or_bit',
      ],
      [0],
      [0],
    ),
    ...same(
      [
        'for_each_set_bitrange',
        'for_each_clear_bitrange',
        'for_each_set_bitrange_from',
        'for_each_clear_bitrange_from',
      ],
      [0, 1],
      [0, 1],
    ),
  ]),
  ...loops('include/linux/sched/signal.h', 'unknown', [
    ...same(['for_each_process'], [0]),
    ...same(['for_each_hstate', 'for_each_console', 'for_each_console_srcu'], [0]),
    ...same(['kvm_for_each_vcpu'], [0, 1], [0]),
    ...same(['dma_resv_for_each_fence'], [3]),
    ...same(['dma_resv_for_each_fence_unlocked'], [1]),
    ...same(['bio_list_for_each'], [0]),
    ...same(['cgroup_for_each_live_child'], [0]),
    ...same(['rhl_for_each_entry_rcu'], [0, 1]),
    ...same(['udp_portaddr_for_each_entry', 'udp_portaddr_for_each_entry_rcu'], [0]),
    ...same(['msi_for_each_desc'], [0]),
    ...same(['for_each_thread', '__for_each_thread'], [1]),
    ...same(['for_each_process_thread', 'do_each_thread'], [0, 1]),
  ]),
  ...loops('include/linux/of.h', 'null', [
    ...same(
      ['for_each_child_of_node', 'for_each_available_child_of_node', 'for_each_reserved_child_of_node'],
      [1],
    ),
    ...same(
      [
        'for_each_node_by_name',
        'for_each_node_by_type',
        'for_each_compatible_node',
        'for_each_matching_node',
        'for_each_of_cpu_node',
        'for_each_node_with_property',
      ],
      [0],
    ),
    ...same(['for_each_matching_node_and_match'], [0, 2]),
    ...same(
      [
        'for_each_endpoint_of_node',
        'fwnode_for_each_child_node',
        'fwnode_for_each_available_child_node',
        'device_for_each_child_node',
        'fwnode_for_each_parent_node',
        'fwnode_graph_for_each_endpoint',
      ],
      [1],
    ),
    ...same(['for_each_pci_dev'], [0]),
    ...same(['shost_for_each_device', '__shost_for_each_device'], [0]),
  ]),
  ...loops('include/linux/netdevice.h', 'unknown', [
    ...same(
      [
        'for_each_netdev',
        'for_each_netdev_rcu',
        'for_each_netdev_reverse',
        'for_each_netdev_continue',
        'for_each_netdev_continue_rcu',
      ],
      [1],
    ),
    ...same(['for_each_netdev_safe'], [1, 2]),
    ...same(['for_each_netdev_dump'], [1]),
    ...same(['for_each_net', 'for_each_net_rcu', 'for_each_net_continue_reverse'], [0]),
    ...same(['skb_queue_walk', 'skb_queue_reverse_walk', 'skb_queue_walk_from'], [1]),
    ...same(['skb_queue_walk_safe', 'skb_queue_walk_from_safe', 'skb_queue_reverse_walk_safe'], [1, 2]),
    ...same(['skb_walk_frags'], [1]),
    ...same(['nla_for_each_attr'], [0, 3], [3]),
    ...same(['nla_for_each_nested'], [0, 2], [2]),
    ...same(['netdev_for_each_uc_addr', 'netdev_for_each_mc_addr'], [0]),
    ...same(
      ['netdev_for_each_upper_dev_rcu', 'netdev_for_each_lower_dev', 'netdev_for_each_lower_private'],
      [1, 2],
    ),
  ]),
  ...loops('include/linux/bio.h', 'unknown', [
    ...same(['bio_for_each_segment', 'bio_for_each_bvec'], [0, 2], [0, 2]),
    ...same(['bio_for_each_segment_all', 'bio_for_each_bvec_all'], [0, 2], [2]),
    ...same(['bio_for_each_folio_all'], [0], [0]),
    ...same(['rq_for_each_segment', 'rq_for_each_bvec'], [0, 2], [0, 2]),
    ...same(['for_each_sg'], [1, 3], [3]),
    ...same(['for_each_sgtable_sg', 'for_each_sgtable_dma_sg'], [1, 2], [2]),
  ]),
  ...loops('include/linux/cgroup.h', 'null', [
    ...same(['css_for_each_child', 'css_for_each_descendant_pre', 'css_for_each_descendant_post'], [0]),
    ...same(['cgroup_taskset_for_each'], [0, 1]),
  ]),
];
