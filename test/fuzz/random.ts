/** A generator with a seed (32-bit xorshift, Marsaglia 2003): the same numbers in every run. */
export interface Random {
  /** A whole number from 0 up to, not including, `limit`; 0 where the limit is 0. */
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
}

export function randomFrom(seed: number): Random {
  let state = seed | 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const below = (limit: number) => (limit <= 1 ? 0 : next() % limit);
  return { below, pick: (from) => from[below(from.length)]! };
}
