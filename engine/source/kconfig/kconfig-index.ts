/** The entries of all Kconfig files of a tree, by what they are looked up for. */
import type { KconfigDefinition, KconfigSelect } from './definitions.ts';

/** Names are without `CONFIG_`. */
export interface KconfigIndex {
  /** Empty for a symbol that nothing defines. */
  definitions(symbol: string): readonly KconfigDefinition[];
  /** The entries that select, or imply, a symbol. */
  selectors(symbol: string): readonly Selector[];
  implyers(symbol: string): readonly Selector[];
}

export interface Selector {
  readonly by: KconfigDefinition;
  readonly condition: KconfigSelect['condition'];
}
