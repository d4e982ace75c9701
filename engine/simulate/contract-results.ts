/** What a contract says of a function's result: the values that stand for its classes. */
import type { ResultClass } from '../protocol/index.ts';
import type { Machine } from './machine.ts';
import type { ResultClassValue, Site } from './model.ts';
import { resultValue } from './unknown.ts';

const ERRORS: Readonly<Record<string, number>> = {
  EINTR: -4,
  EAGAIN: -11,
  ENOMEM: -12,
  EFAULT: -14,
  EBUSY: -16,
  EINVAL: -22,
  ERESTARTSYS: -512,
};

/** The result for a class. */
export function classValue(m: Machine, when: ResultClass, name: string, site: Site): number {
  if (typeof when === 'object') {
    if ('equals' in when) {
      const word = /E[A-Z]+/.exec(when.equals)?.[0] ?? '';
      return ERRORS[word] ?? (Number(when.equals) || 0);
    }
    return 'bits' in when ? 1 : 0;
  }
  const options = OPTIONS[when];
  const told = options.filter(
    (one) => site.classes.length === 0 || site.classes.includes(one) || one === 'valid',
  );
  const list: readonly ResultClassValue[] =
    when === 'any' ? site.classes : told.length > 0 ? told : options.slice(0, 1);
  if (list.length === 0) return 0;
  if (when === 'any' && list.length > 1) m.assumed.add(`${name}() returns any of its results`);
  return resultValue(m, list.length === 1 ? list[0]! : list[m.choose(list.length, `${name}()`)]!, name, site);
}

const OPTIONS: Readonly<Record<Extract<ResultClass, string>, readonly ResultClassValue[]>> = {
  any: [],
  true: [1],
  false: [0],
  zero: [0],
  negative: ['negative'],
  positive: [1],
  pointer: ['valid'],
  null: ['null'],
  error: ['error'],
  'null-or-error': ['null', 'error'],
  'null-or-pointer': ['valid', 'null'],
};
