import { describe, expect, it } from 'vitest';
import {
  CALLBACK_MEMBERS,
  CALLBACK_PAIRS,
  CALLBACK_REGISTRATIONS,
  callbackMember,
  callbackPairs,
  callbackRegistrations,
  contractTable,
  lockKind,
  NEWEST,
  parseLockRef,
  SEQ_FILE_ORDERS,
} from '../../../engine/protocol/index.ts';

describe('callbacks', () => {
  it('has sound rows, each once', () => {
    const seen = new Set<string>();
    for (const row of CALLBACK_MEMBERS) {
      const key = `${row.ops}.${row.member}`;
      expect(seen.has(key), key).toBe(false);
      seen.add(key);
      expect(row.source).not.toBe('');
      for (const hold of [...row.held, ...(row.releases ?? []), ...(row.takes ?? [])]) {
        expect(parseLockRef(hold.lock), `${key}: ${hold.lock}`).not.toBeNull();
        for (const mode of hold.modes) expect(lockKind(hold.kind).modes, key).toContain(mode);
      }
      // What forbids sleep makes the context atomic.
      if (row.held.some((hold) => lockKind(hold.kind).atomic)) expect(row.context, key).not.toBe('process');
      // What is given back was held.
      for (const hold of row.releases ?? []) expect(row.held, key).toContainEqual(hold);
    }
  });
  it('pairs members that exist', () => {
    for (const pair of CALLBACK_PAIRS) {
      expect(pair.opens).not.toBe(pair.closes);
      const known = CALLBACK_MEMBERS.filter((row) => row.ops === pair.ops).map((row) => row.member);
      if (known.length > 0)
        for (const member of [pair.opens, pair.closes, ...pair.between]) expect(known).toContain(member);
    }
  });
  it('stops a sequence whatever its start returned', () => {
    expect(callbackPairs('seq_operations')).toMatchObject([
      { opens: 'start', closes: 'stop', closesAfter: 'any' },
    ]);
    for (const order of SEQ_FILE_ORDERS) {
      expect(order[0]).toBe('start');
      expect(order.at(-1)).toBe('stop');
      expect(order.filter((one) => one === 'start').length).toBe(
        order.filter((one) => one === 'stop').length,
      );
    }
  });
  it('ends a walk of a VMA only if it began', () => {
    expect(callbackPairs('mm_walk_ops')[0]).toMatchObject({
      opens: 'pre_vma',
      closes: 'post_vma',
      closesAfter: 'zero',
    });
  });
  it('knows what is atomic', () => {
    expect(callbackMember('mm_walk_ops', 'pte_entry')!.context).toBe('atomic');
    expect(callbackMember('mm_walk_ops', 'pmd_entry')!.context).toBe('process');
    expect(callbackMember('net_device_ops', 'ndo_start_xmit')!.context).toBe('atomic');
    expect(callbackMember('irq_chip', 'irq_mask')!.context).toBe('atomic');
    expect(callbackMember('irq_chip', 'irq_bus_lock')!.context).toBe('process');
    expect(callbackMember('no_such_ops', 'start')).toBeNull();
  });
  it('lets read_folio unlock the folio', () => {
    expect(callbackMember('address_space_operations', 'read_folio')!.releases).toMatchObject([
      { lock: 'arg1', kind: 'folio' },
    ]);
  });
  it('knows in which context a function that is handed over runs', () => {
    expect(callbackRegistrations('timer_setup')).toMatchObject([{ argument: 1, context: 'softirq' }]);
    expect(callbackRegistrations('request_threaded_irq').map((row) => [row.argument, row.context])).toEqual([
      [1, 'hardirq'],
      [2, 'process'],
    ]);
    expect(callbackRegistrations('call_rcu')).toMatchObject([{ argument: 1, context: 'softirq' }]);
    expect(callbackRegistrations('INIT_WORK')).toMatchObject([{ argument: 1, context: 'process' }]);
    expect(callbackRegistrations('kfree')).toEqual([]);
  });
  it('registers each argument once', () => {
    const keys = CALLBACK_REGISTRATIONS.map((row) => `${row.function} ${row.argument}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(contractTable(NEWEST).lookup('request_irq')!.sleeps).toBe('yes');
  });
});
