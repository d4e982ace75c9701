/** The network's own locks: RTNL, netlink, the transmit queues, devices, wireless. */
import { acquire, always, family, onTrue, onZero, release } from './build.ts';
import type { Contract, LockKind, LockRef } from './contract.ts';

const rtnlH = family('include/linux/rtnetlink.h');
const devH = family('include/linux/netdevice.h');
const quiet = { sleeps: 'no' } as const;
const sleeping = { sleeps: 'yes' } as const;
const maskBh = acquire('@bh', 'bh');
const unmaskBh = release('@bh', 'bh');

/** A lock and its unlock, both unconditional. */
function pair(
  source: string,
  lock: string,
  unlock: string,
  ref: LockRef,
  kind: LockKind,
  bh = false,
): Contract[] {
  const h = family(source);
  const sleeps = kind === 'mutex' ? sleeping : quiet;
  const take = acquire(ref, kind);
  const give = release(ref, kind, 'W');
  return [
    h.fn(lock, bh ? always(maskBh, take) : always(take), sleeps),
    h.fn(unlock, bh ? always(give, unmaskBh) : always(give), quiet),
  ];
}

const RTNL = '@rtnl_mutex';
const rtnl = acquire(RTNL, 'mutex');
const rtnlTry = acquire(RTNL, 'mutex', 'W', { trylock: true });
const rtnlOff = release(RTNL, 'mutex', 'W');

export const net: readonly Contract[] = [
  ...rtnlH.each(['rtnl_lock', 'rtnl_net_lock'], always(rtnl), sleeping),
  // Unlocking runs what was put off until then, which sleeps.
  ...rtnlH.each(['rtnl_unlock', 'rtnl_net_unlock'], always(rtnlOff), sleeping),
  rtnlH.fn('__rtnl_unlock', always(rtnlOff), quiet),
  ...rtnlH.each(['rtnl_trylock', 'rtnl_net_trylock'], onTrue(rtnlTry), { ...quiet, mustCheck: true }),
  ...rtnlH.each(['rtnl_lock_killable', 'rtnl_lock_interruptible', 'rtnl_net_lock_killable'], onZero(rtnl), {
    ...sleeping,
    mustCheck: true,
  }),
  rtnlH.fn('refcount_dec_and_rtnl_lock', onTrue(rtnl), { ...sleeping, mustCheck: true }),
  rtnlH.fn('rtnl_is_locked', [], quiet),
  ...pair('include/net/genetlink.h', 'genl_lock', 'genl_unlock', '@genl_mutex', 'mutex'),
  ...pair('include/linux/netfilter/nfnetlink.h', 'nfnl_lock', 'nfnl_unlock', '@nfnl_lock', 'mutex'),

  ...pair('include/linux/netdevice.h', 'netdev_lock', 'netdev_unlock', 'arg0.lock', 'mutex'),
  // Only for drivers that asked for it; both ends look at the same device.
  ...(['netdev_lock_ops', 'netdev_lock_ops_compat', 'netdev_lock_ops_to_full'] as const).map((name) =>
    family('include/net/netdev_lock.h').fn(
      name,
      always(acquire('arg0.ops_lock', 'mutex', 'W', { nested: true })),
      sleeping,
    ),
  ),
  ...(['netdev_unlock_ops', 'netdev_unlock_ops_compat', 'netdev_unlock_full_to_ops'] as const).map((name) =>
    family('include/net/netdev_lock.h').fn(name, always(release('arg0.ops_lock', 'mutex', 'W')), quiet),
  ),
  ...pair('include/linux/netdevice.h', 'netif_tx_lock', 'netif_tx_unlock', 'arg0.tx_global_lock', 'spinlock'),
  ...pair(
    'include/linux/netdevice.h',
    'netif_tx_lock_bh',
    'netif_tx_unlock_bh',
    'arg0.tx_global_lock',
    'spinlock',
    true,
  ),
  ...pair('include/linux/netdevice.h', '__netif_tx_lock', '__netif_tx_unlock', 'arg0._xmit_lock', 'spinlock'),
  ...pair(
    'include/linux/netdevice.h',
    '__netif_tx_lock_bh',
    '__netif_tx_unlock_bh',
    'arg0._xmit_lock',
    'spinlock',
    true,
  ),
  devH.fn('__netif_tx_trylock', onTrue(acquire('arg0._xmit_lock', 'spinlock', 'W', { trylock: true })), {
    ...quiet,
    mustCheck: true,
  }),
  ...pair('include/linux/netdevice.h', 'HARD_TX_LOCK', 'HARD_TX_UNLOCK', 'arg1._xmit_lock', 'spinlock'),
  devH.fn('HARD_TX_TRYLOCK', onTrue(acquire('arg1._xmit_lock', 'spinlock', 'W', { trylock: true })), {
    ...quiet,
    mustCheck: true,
  }),
  ...pair(
    'include/linux/netdevice.h',
    'netif_addr_lock',
    'netif_addr_unlock',
    'arg0.addr_list_lock',
    'spinlock',
  ),
  ...pair(
    'include/linux/netdevice.h',
    'netif_addr_lock_bh',
    'netif_addr_unlock_bh',
    'arg0.addr_list_lock',
    'spinlock',
    true,
  ),
  ...pair(
    'include/net/sch_generic.h',
    'sch_tree_lock',
    'sch_tree_unlock',
    'arg0.sch_tree_lock',
    'spinlock',
    true,
  ),
  ...pair('include/net/cfg80211.h', 'wiphy_lock', 'wiphy_unlock', 'arg0.mtx', 'mutex'),
  family('include/net/cfg80211.h').guard(
    'wiphy',
    [acquire('arg0.mtx', 'mutex')],
    [release('arg0.mtx', 'mutex', 'W')],
    sleeping,
  ),
  ...pair('include/net/devlink.h', 'devl_lock', 'devl_unlock', 'arg0.lock', 'mutex'),
  family('include/net/devlink.h').fn(
    'devl_trylock',
    onTrue(acquire('arg0.lock', 'mutex', 'W', { trylock: true })),
    { ...quiet, mustCheck: true },
  ),
  ...pair('include/net/bluetooth/hci_core.h', 'hci_dev_lock', 'hci_dev_unlock', 'arg0.lock', 'mutex'),
  ...pair(
    'include/net/bluetooth/hci_core.h',
    'hci_req_sync_lock',
    'hci_req_sync_unlock',
    'arg0.req_lock',
    'mutex',
  ),
  ...pair('include/net/bluetooth/l2cap.h', 'l2cap_chan_lock', 'l2cap_chan_unlock', 'arg0.lock', 'mutex'),
  family('include/net/netfilter/nf_conntrack_core.h').fn(
    'nf_conntrack_lock',
    always(acquire('arg0', 'spinlock')),
    quiet,
  ),
  ...pair(
    'include/linux/netfilter/ipset/ip_set.h',
    'ip_set_lock',
    'ip_set_unlock',
    'arg0.lock',
    'spinlock',
    true,
  ),
  ...pair('drivers/net/phy', 'phy_lock_mdio_bus', 'phy_unlock_mdio_bus', 'arg0.mdio->bus.mdio_lock', 'mutex'),
  // Filling a message does not sleep; sending one may.
  ...devH.each(
    [
      'register_netdev',
      'unregister_netdev',
      'register_netdevice',
      'unregister_netdevice',
      'unregister_netdevice_queue',
      'unregister_netdevice_many',
      'dev_open',
      'dev_close',
      'netif_open',
      'free_netdev',
      'dev_change_flags',
      'dev_set_mtu',
      'napi_disable_locked',
      'netif_napi_del',
      'call_netdevice_notifiers',
      'register_netdevice_notifier',
      'unregister_netdevice_notifier',
    ],
    [],
    sleeping,
  ),
  ...devH.each(
    [
      'netif_rx',
      'netif_receive_skb',
      'dev_queue_xmit',
      'napi_schedule',
      'napi_complete_done',
      'netif_stop_queue',
      'netif_wake_queue',
      'netif_start_queue',
      'kfree_skb',
      'consume_skb',
      'dev_kfree_skb_any',
      'dev_kfree_skb_irq',
      'skb_queue_tail',
      'skb_dequeue',
      'netif_carrier_on',
      'netif_carrier_off',
    ],
    [],
    quiet,
  ),
];
