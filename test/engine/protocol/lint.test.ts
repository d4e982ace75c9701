import { describe, expect, it } from 'vitest';
import { type Contract, lintContracts } from '../../../engine/protocol/index.ts';

/** A row in order, for a table with one thing wrong. */
const lock: Contract = {
  name: 'thing_lock',
  what: 'function',
  outcomes: [{ when: 'any', effects: [{ op: 'acquire', lock: 'arg0', kind: 'mutex', mode: 'W' }] }],
  sleeps: 'yes',
  source: 'include/linux/thing.h',
};
const unlock: Contract = {
  name: 'thing_unlock',
  what: 'function',
  outcomes: [{ when: 'any', effects: [{ op: 'release', lock: 'arg0', kind: 'mutex', mode: 'W' }] }],
  sleeps: 'no',
  source: 'include/linux/thing.h',
};
const guard: Contract = {
  name: 'thing',
  what: 'guard',
  outcomes: lock.outcomes,
  exit: [{ op: 'release', lock: 'arg0', kind: 'mutex', mode: 'W' }],
  source: 'include/linux/thing.h',
};

describe('lintContracts', () => {
  it('finds nothing in the built-in table', () => {
    expect(lintContracts()).toEqual([]);
  });

  it('finds nothing in a table in order', () => {
    expect(lintContracts([lock, unlock, guard])).toEqual([]);
  });

  const bad: readonly (readonly [string, readonly Contract[], RegExp])[] = [
    ['a name that is no identifier', [{ ...lock, name: 'thing lock' }, unlock], /not an identifier/],
    ['a row without a source', [{ ...lock, source: ' ' }, unlock], /no source/],
    [
      'a release range turned round',
      [{ ...lock, from: '6.18', until: '6.15' }, unlock],
      /ends \(6\.15\) before/,
    ],
    [
      'a lock that is both taken and given back for one result',
      [
        {
          ...lock,
          outcomes: [
            { when: 'any', effects: [...lock.outcomes[0]!.effects, ...unlock.outcomes[0]!.effects] },
          ],
        },
        unlock,
      ],
      /both acquire and release of arg0/,
    ],
    ['a taker that nothing pairs with', [lock], /nothing gives back what it takes: arg0 \(mutex\)/],
    [
      'a global lock that nothing gives back, though its kind has a release',
      [
        {
          ...lock,
          outcomes: [{ when: 'any', effects: [{ op: 'acquire', lock: '@big', kind: 'mutex', mode: 'W' }] }],
        },
        unlock,
      ],
      /nothing gives back what it takes: @big/,
    ],
    [
      'a reference that cannot be read',
      [
        {
          ...lock,
          outcomes: [{ when: 'any', effects: [{ op: 'acquire', lock: 'lock0', kind: 'mutex', mode: 'W' }] }],
        },
        unlock,
      ],
      /"lock0" is not a lock reference/,
    ],
    ['an argument that does not exist', [{ ...lock, dereferences: [40] }, unlock], /no argument 40/],
    [
      'an argument of a value that does not exist',
      [{ ...unlock, value: { value: 'argument', index: -1 } }],
      /no argument -1/,
    ],
    [
      'a mode that the kind lacks',
      [
        {
          ...lock,
          outcomes: [{ when: 'any', effects: [{ op: 'acquire', lock: 'arg0', kind: 'mutex', mode: 'R' }] }],
        },
        unlock,
      ],
      /a mutex has no mode R/,
    ],
    [
      'a sleeping lock taken by a function that never sleeps',
      [{ ...lock, sleeps: 'no' }, unlock],
      /takes a mutex without trylock, but never sleeps/,
    ],
    [
      'a trylock that says nothing for failure',
      [{ ...lock, outcomes: [{ when: 'positive', effects: lock.outcomes[0]!.effects }] }, unlock],
      /no outcome is for the result of a failure/,
    ],
    [
      'a trylock that says nothing for success',
      [{ ...lock, outcomes: [{ when: 'negative', effects: lock.outcomes[0]!.effects }] }, unlock],
      /no outcome is for the result of a success/,
    ],
    [
      'flags without a result that lacks them',
      [{ ...unlock, outcomes: [{ when: { bits: ['VM_FAULT_RETRY'] }, effects: [] }] }],
      /no outcome is for a result without the flags/,
    ],
    [
      'a need without a reason',
      [{ ...unlock, needs: [{ need: 'held', lock: 'arg0', kind: 'mutex', modes: ['W'], because: '' }] }],
      /a need has no reason/,
    ],
    [
      'a need that no mode satisfies',
      [{ ...unlock, needs: [{ need: 'held', lock: 'arg0', kind: 'mutex', modes: [], because: 'so' }] }],
      /allows no mode/,
    ],
    [
      'a choice of one',
      [
        {
          ...unlock,
          needs: [
            { need: 'one-of', options: [{ lock: 'arg0', kind: 'mutex', modes: ['W'] }], because: 'so' },
          ],
        },
      ],
      /a choice of needs has one option/,
    ],
    ['an assertion with an effect', [{ ...unlock, assertion: true }], /an assertion has an effect/],
    [
      'a result of what does not return',
      [{ ...unlock, noreturn: true }],
      /does not return, but has a result/,
    ],
    [
      'a result to look at that says nothing',
      [{ ...unlock, mustCheck: true }],
      /must be looked at, but says nothing/,
    ],
    ['a guard that keeps its lock', [{ ...guard, exit: [] }], /takes mutex arg0 and does not give it back/],
    [
      'a guard that gives back what it did not take',
      [{ ...guard, outcomes: [{ when: 'any', effects: [] }] }],
      /gives back mutex arg0, which it did not take/,
    ],
    [
      'a conditional guard without the class of failure',
      [{ ...guard, outcomes: [{ when: 'pointer', effects: lock.outcomes[0]!.effects }] }],
      /a conditional guard has the classes pointer and null/,
    ],
    ['a function with an exit', [{ ...unlock, exit: [] }], /only a guard has an exit/],
    [
      'an iterator that assigns nothing',
      [{ ...unlock, what: 'iterator', outcomes: [] }],
      /an iterator assigns no argument/,
    ],
    [
      'an iterator whose lists differ in length',
      [{ ...unlock, what: 'iterator', outcomes: [], assigns: [0, 1], inside: ['pointer'] }],
      /does not match/,
    ],
    ['a function that assigns like an iterator', [{ ...unlock, assigns: [0] }], /only an iterator assigns/],
    ['two rows at once', [lock, unlock, { ...unlock, source: 'elsewhere' }], /two rows hold at once/],
  ];

  it.each(bad)('says what is wrong with %s', (_, table, message) => {
    expect(lintContracts(table).join('\n')).toMatch(message);
  });

  it('lets a lock be traded for another through an out-parameter', () => {
    const trade = (effects: Contract['outcomes'][number]['effects']): Contract => ({
      ...unlock,
      name: 'thing_relock',
      outcomes: [{ when: 'any', effects }],
    });
    const give = { op: 'release', lock: '*arg1.lock', kind: 'spinlock', mode: 'W' } as const;
    const take = { op: 'acquire', lock: '*arg1.lock', kind: 'spinlock', mode: 'W' } as const;
    expect(lintContracts([trade([give, { op: 'set', target: '*arg1', value: 'pointer' }, take])])).toEqual(
      [],
    );
    expect(lintContracts([trade([give, take])])).toHaveLength(1);
  });

  it('lets rows of one name stand for different releases or configurations', () => {
    expect(
      lintContracts([
        { ...unlock, until: '6.15' },
        { ...unlock, from: '6.15', config: { CONFIG_THING: 'y' } },
        { ...unlock, from: '6.15', config: { CONFIG_THING: 'n' } },
      ]),
    ).toEqual([]);
  });
});
