import type { Cache } from '../../extension/cache/disk-cache.ts';

/** A cache in memory whose entries can be looked at, as JSON by key. */
export function memoryCache(): Cache & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get: (key) => JSON.parse(kept.get(key) ?? 'null'),
    put: (key, value) => kept.set(key, JSON.stringify(value)),
  };
}
