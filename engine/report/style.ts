/** Colours of the text report, as a terminal wants them (ECMA-48 SGR), or none at all. */
import type { Level } from '../check/finding.ts';

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  /** The colour of a finding's level, bold. */
  level(level: Level, text: string): string;
  /** What is right or was repaired. */
  good(text: string): string;
}

const plain: Style = {
  bold: (text) => text,
  dim: (text) => text,
  level: (_level, text) => text,
  good: (text) => text,
};

const sgr = (code: string) => (text: string) => (text === '' ? '' : `\u001b[${code}m${text}\u001b[0m`);

const LEVELS: Readonly<Record<Level, (text: string) => string>> = {
  error: sgr('1;31'),
  warning: sgr('1;33'),
  note: sgr('1;36'),
};

const coloured: Style = {
  bold: sgr('1'),
  dim: sgr('2'),
  level: (level, text) => LEVELS[level](text),
  good: sgr('32'),
};

export function style(color: boolean): Style {
  return color ? coloured : plain;
}
