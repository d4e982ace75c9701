import { describe, expect, it } from 'vitest';
import { buildRules } from '../../../engine/source/build-rules.ts';

describe('the rules of a Makefile for an object', () => {
  const makefile = [
    'obj-y := always.o $(mill-y)',
    'obj-$(CONFIG_MILL_DRIVER) += mill_driver.o',
    'mill_driver-y := main.o \\',
    '\tgears.o',
    'mill-y := none.o',
    'mill-$(CONFIG_MILL) := wheel.o # with water',
  ].join('\n');

  it('say which symbol builds it', () => {
    expect(buildRules(makefile, 'always.o')).toEqual([{ symbol: null, unless: null }]);
    expect(buildRules(makefile, 'wheel.o')).toEqual([{ symbol: 'CONFIG_MILL', unless: null }]);
  });
  it('say which symbol takes it out again', () => {
    expect(buildRules(makefile, 'none.o')).toEqual([{ symbol: null, unless: 'CONFIG_MILL' }]);
  });
  it('are those of the driver that it is a part of', () => {
    expect(buildRules(makefile, 'gears.o')).toEqual([{ symbol: 'CONFIG_MILL_DRIVER', unless: null }]);
  });
  it('are none for an object that is not mentioned', () => {
    expect(buildRules(makefile, 'other.o')).toEqual([]);
  });
});
