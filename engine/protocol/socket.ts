/** The socket lock: a mutex that bottom halves respect, with a spinlock inside it that they take. */
import { acquire, always, family, release } from './build.ts';
import type { Contract } from './contract.ts';

const h = family('include/net/sock.h');
const OWNER = 'arg0.sk_lock';
const SLOCK = 'arg0.sk_lock.slock';
const take = acquire(OWNER, 'socket');
const takeNested = acquire(OWNER, 'socket', 'W', { nested: true });
const give = release(OWNER, 'socket', 'W');
const maskBh = acquire('@bh', 'bh');
const unmaskBh = release('@bh', 'bh');
const sleeping = { sleeps: 'yes', dereferences: [0] } as const;
const quiet = { sleeps: 'no', dereferences: [0] } as const;

/** Fast: the spinlock with bottom halves off, which is the result false; slow: the owner's lock. */
const fast = [
  { when: 'true' as const, effects: [take] },
  { when: 'false' as const, effects: [maskBh, acquire(SLOCK, 'spinlock')] },
];

export const socket: readonly Contract[] = [
  ...h.each(['lock_sock', '__lock_sock'], always(take), sleeping),
  h.fn('lock_sock_nested', always(takeNested), sleeping),
  h.fn('release_sock', always(give), { dereferences: [0] }),
  h.fn('__release_sock', [], { dereferences: [0] }),
  ...h.each(['lock_sock_fast', '__lock_sock_fast', 'lock_sock_fast_nested'], fast, {
    ...sleeping,
    mustCheck: true,
  }),
  h.fn(
    'unlock_sock_fast',
    [
      { when: 'any', given: [{ operand: 'arg1', is: 'nonzero' }], effects: [give] },
      {
        when: 'any',
        given: [{ operand: 'arg1', is: 'zero' }],
        effects: [release(SLOCK, 'spinlock'), unmaskBh],
      },
    ],
    { dereferences: [0] },
  ),
  // Under a BPF program the socket is locked already; both ends ask the same question.
  h.fn('sockopt_lock_sock', always(take), sleeping),
  h.fn('sockopt_release_sock', always(give), { dereferences: [0] }),
  h.fn('bh_lock_sock', always(acquire(SLOCK, 'spinlock')), quiet),
  h.fn('bh_lock_sock_nested', always(acquire(SLOCK, 'spinlock', 'W', { nested: true })), quiet),
  h.fn('bh_unlock_sock', always(release(SLOCK, 'spinlock')), quiet),
  // The clone comes back with its spinlock held.
  ...h.each(
    ['sk_clone_lock', 'inet_csk_clone_lock'],
    [
      { when: 'pointer', effects: [acquire('result.sk_lock.slock', 'spinlock', 'W', { nested: true })] },
      { when: 'null', effects: [] },
    ],
    { dereferences: [0], mustCheck: true },
  ),
  h.fn(
    'sk_clone',
    [
      {
        when: 'pointer',
        given: [{ operand: 'arg2', is: 'nonzero' }],
        effects: [acquire('result.sk_lock.slock', 'spinlock', 'W', { nested: true })],
      },
      { when: 'pointer', given: [{ operand: 'arg2', is: 'zero' }], effects: [] },
      { when: 'null', effects: [] },
    ],
    { dereferences: [0], mustCheck: true },
  ),
  h.fn('sock_release_ownership', [], quiet),
  ...h.each(['sock_owned_by_user', 'sock_owned_by_user_nocheck', 'sock_allow_reclassification'], [], quiet),
  ...family('net/mptcp/protocol.h').each(
    ['mptcp_data_lock'],
    always(maskBh, acquire(SLOCK, 'spinlock')),
    quiet,
  ),
  ...family('net/mptcp/protocol.h').each(
    ['mptcp_data_unlock'],
    always(release(SLOCK, 'spinlock'), unmaskBh),
    quiet,
  ),
  ...family('include/net/af_unix.h').each(
    ['unix_state_lock'],
    always(acquire('arg0.unix_lock', 'spinlock')),
    quiet,
  ),
  ...family('include/net/af_unix.h').each(
    ['unix_state_unlock'],
    always(release('arg0.unix_lock', 'spinlock')),
    quiet,
  ),
  family('include/net/sock.h').fn(
    'sk_wait_event',
    [{ when: 'any', effects: [{ op: 'retake', lock: OWNER, kind: 'socket' }] }],
    sleeping,
  ),
  ...family('include/net/sock.h').each(
    ['sk_stream_wait_memory', 'sk_stream_wait_connect', 'sk_stream_wait_close', 'sk_wait_data'],
    [{ when: 'any', effects: [{ op: 'retake', lock: OWNER, kind: 'socket' }] }],
    sleeping,
  ),
  ...family('include/linux/net.h').each(
    [
      'sock_create',
      'sock_create_kern',
      'sock_release',
      'kernel_connect',
      'kernel_accept',
      'kernel_bind',
      'kernel_listen',
      'kernel_sock_shutdown',
    ],
    [],
    { sleeps: 'yes' },
  ),
];
