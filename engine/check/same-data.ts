/** Equality of plain data: objects and arrays, maps and sets in their order, and what is neither. */
export function isSameData(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (one instanceof Map || one instanceof Set)
    return (other instanceof Map || other instanceof Set) && isSameData([...one], [...other]);
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) =>
    isSameData((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]),
  );
}
