/**
 * Where in an object a pointer points: paths of field names, in one tree for all objects, so that `&priv->lock_ctx` is
 * one step down and `container_of()` one step up, and no struct layout is needed. Element 0 of an array is the array
 * itself, element i its child `[i]`.
 */

export type Path = number;
export const ROOT: Path = 0;

/** Paths that fit into a pointer. */
export const MAX_PATHS = 0x10000;

/** Thrown where memory would grow beyond its limits; `Machine.step()` makes a verdict of it. */
export class OutOfMemory extends Error {}

export class FieldPaths {
  readonly #parents: Path[] = [ROOT];
  readonly #names: string[] = [''];
  /** Of an element of an array its index, else −1. */
  readonly #indices: number[] = [-1];
  readonly #children: Map<string, Path>[] = [new Map()];

  child(path: Path, name: string): Path {
    const children = this.#children[path]!;
    let id = children.get(name);
    if (id === undefined) {
      id = this.#names.length;
      if (id >= MAX_PATHS) throw new OutOfMemory('more than 65,536 field paths');
      children.set(name, id);
      this.#names.push(name);
      this.#parents.push(path);
      this.#indices.push(name.charCodeAt(0) === 91 ? Number(name.slice(1, -1)) : -1);
      this.#children.push(new Map());
    }
    return id;
  }

  parent(path: Path): Path {
    return this.#parents[path]!;
  }

  name(path: Path): string {
    return this.#names[path]!;
  }

  /** `path + n` as an array element. */
  offset(path: Path, n: number): Path {
    if (n === 0) return path;
    const index = this.#indices[path]!;
    const base = index < 0 ? path : this.#parents[path]!;
    const next = (index < 0 ? 0 : index) + n;
    return next === 0 ? base : this.child(base, `[${next}]`);
  }

  /** The distance of two elements of one array; 0 where they are not of one. */
  distance(left: Path, right: Path): number {
    const a = this.#indices[left]!;
    const b = this.#indices[right]!;
    const baseA = a < 0 ? left : this.#parents[left]!;
    const baseB = b < 0 ? right : this.#parents[right]!;
    if (baseA === baseB) return Math.max(a, 0) - Math.max(b, 0);
    return 0;
  }

  /** As C writes it: `lock_ctx.mm`, `sections[3]`. */
  text(path: Path): string {
    return this.below(ROOT, path).join('.').replaceAll('.[', '[');
  }

  /** The field names from one path down to another below it. */
  below(top: Path, path: Path): string[] {
    const names: string[] = [];
    for (let at = path; at !== top; at = this.#parents[at]!) names.push(this.#names[at]!);
    return names.reverse();
  }

  isBelow(top: Path, path: Path): boolean {
    for (let at = path; ; at = this.#parents[at]!) {
      if (at === top) return true;
      if (at === ROOT) return false;
    }
  }
}
