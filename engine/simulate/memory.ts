/**
 * The shared memory: objects with fields, as cells of one typed array, with an undo log and a hash that follows each
 * write.
 *
 * A pointer is a number: `POINTER + object × 2^16 + path`. A path is a node in a tree of field names shared by all
 * objects, so `&priv->lock_ctx` is one step down and `container_of()` one step up, and no struct layout is needed.
 * Element 0 of an array is the array itself, element i its child `[i]`.
 */
import { TWO32 } from './numbers.ts';

export const POINTER = 2 ** 46;
const MAX = 0x10000;

export type Path = number;
export type ObjectId = number;
export const ROOT: Path = 0;

export interface ObjectInfo {
  readonly id: ObjectId;
  readonly name: string;
  /** The struct's tag, or '' where it is not known. */
  readonly tag: string;
  readonly kind: 'heap' | 'stack' | 'global' | 'function' | 'string' | 'lazy';
  /** For an object on a stack: the task it belongs to; else -1. */
  readonly task: number;
  /** Values of fields before anything is written, by path text (`mm_mt`, `lock_ctx.mm`). */
  readonly initial: ReadonlyMap<string, number> | null;
  /** The cell of its life (0 live, 1 freed, 2 gone), or -1 for an object that lives as long as the run. */
  readonly life: number;
}

/** What kind of value a cell holds when it is seen for the first time. */
export type CellHint = { readonly pointerTo: string } | 'number';

export interface Watcher {
  /** A cell is read. */
  read(cell: number, value: number): void;
  /** A cell is written, with the value that it has. */
  same(cell: number): void;
}

/** Thrown where memory would grow beyond its limits; `Machine.step()` makes a verdict of it. */
export class OutOfMemory extends Error {}

export class Memory {
  #values = new Float64Array(1 << 12);
  /** What the cells hold. While reads are watched, a view of it that tells of each. */
  values = this.#values;
  #watcher: Watcher | null = null;
  /** Tasks that read and wrote each cell, as bits; kept over the whole exploration. */
  readers = new Uint16Array(1 << 12);
  writers = new Uint16Array(1 << 12);
  /** 1 for a cell that several tasks use and at least one writes: its accesses are steps of their own. */
  visible = new Uint8Array(1 << 12);
  #keys1 = new Int32Array(1 << 12);
  #keys2 = new Int32Array(1 << 12);
  count = 0;
  hash1 = 0;
  hash2 = 0;

  #logCells = new Int32Array(1 << 12);
  #logValues = new Float64Array(1 << 12);
  /** The hashes before a step, where its entries begin. */
  #logHash1 = new Int32Array(1 << 12);
  #logHash2 = new Int32Array(1 << 12);
  logLength = 0;
  /** Where the writes begin that the hash does not know of yet. */
  #settled = 0;
  /** By cell: the call of `settle()` that met it last. */
  #met = new Int32Array(1 << 12);
  #settlings = 0;

  readonly objects: ObjectInfo[] = [];
  readonly #byKey = new Map<string, ObjectId>();
  /** object << 16 | path → cell, by open addressing. */
  #tableKeys = new Int32Array(1 << 12).fill(-1);
  #tableCells = new Int32Array(1 << 12);
  #tableUsed = 0;
  readonly cellAddress: number[] = [];
  readonly #cellsOf: number[][] = [];

  readonly #parents: Path[] = [0];
  readonly #names: string[] = [''];
  readonly #indices: number[] = [-1];
  readonly #children: Map<string, Path>[] = [new Map()];

  /** Values for fields of a struct wherever it is, `tag.field` → value. */
  readonly fieldDefaults = new Map<string, number>();
  /** Makes the object that a pointer field points to when it is first followed. */
  makeTarget: (object: ObjectInfo, path: Path, tag: string) => number = () => 0;

  // --- Paths ---------------------------------------------------------------------------------------------------

  child(path: Path, name: string): Path {
    const children = this.#children[path]!;
    let id = children.get(name);
    if (id === undefined) {
      id = this.#names.length;
      if (id >= MAX) throw new OutOfMemory('more than 65,536 field paths');
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

  fieldName(path: Path): string {
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

  pathText(path: Path): string {
    const parts: string[] = [];
    for (let at = path; at !== ROOT; at = this.#parents[at]!) parts.push(this.#names[at]!);
    return parts.reverse().join('.').replaceAll('.[', '[');
  }

  // --- Objects -------------------------------------------------------------------------------------------------

  /** The object of that key, made when it is first asked for. The key alone decides, so every schedule agrees. */
  object(
    key: string,
    info: {
      name: string;
      tag: string;
      kind: ObjectInfo['kind'];
      task?: number;
      initial?: ReadonlyMap<string, number>;
      mortal?: boolean;
    },
  ): ObjectId {
    let id = this.#byKey.get(key);
    if (id === undefined) {
      id = this.objects.length;
      if (id >= MAX) throw new OutOfMemory('more than 65,536 objects');
      this.#byKey.set(key, id);
      const life = info.mortal === true ? this.newCell(-1) : -1;
      this.objects.push({
        id,
        name: info.name,
        tag: info.tag,
        kind: info.kind,
        task: info.task ?? -1,
        initial: info.initial ?? null,
        life,
      });
    }
    return id;
  }

  find(key: string): ObjectId | undefined {
    return this.#byKey.get(key);
  }

  pointer(object: ObjectId, path: Path = ROOT): number {
    return POINTER + object * MAX + path;
  }

  /** A field of what a pointer points to. */
  member(pointer: number, name: string): number {
    const at = pointer - POINTER;
    const path = at & 0xffff;
    return pointer - path + this.child(path, name);
  }

  objectOf(pointer: number): ObjectInfo | null {
    if (pointer < POINTER) return null;
    return this.objects[(pointer - POINTER) >>> 16] ?? null;
  }

  pathOf(pointer: number): Path {
    return (pointer - POINTER) & 0xffff;
  }

  /** The object that encloses a member, or null where the pointer is not to a member of that name. */
  container(pointer: number, fields: readonly string[]): number | null {
    let path = this.pathOf(pointer);
    for (let i = fields.length - 1; i >= 0; i--) {
      if (this.#names[path] !== fields[i]) return null;
      path = this.#parents[path]!;
    }
    return pointer - this.pathOf(pointer) + path;
  }

  // --- Cells ---------------------------------------------------------------------------------------------------

  newCell(address: number): number {
    const cell = this.count++;
    if (cell >= this.#values.length) this.#grow();
    // Fixed pseudo-random keys: the hash must be the same in every run.
    let x = Math.imul(cell + 1, 0x9e3779b1) ^ 0x5bd1e995;
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
    this.#keys1[cell] = x ^ (x >>> 13);
    x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
    this.#keys2[cell] = x ^ (x >>> 15);
    this.cellAddress.push(address);
    return cell;
  }

  #grow(): void {
    const size = this.#values.length * 2;
    if (size > 1 << 22) throw new OutOfMemory('more than 4 million cells');
    const copy = <T extends Float64Array | Int32Array | Uint8Array | Uint16Array>(from: T, to: T): T => {
      to.set(from as never);
      return to;
    };
    this.#values = copy(this.#values, new Float64Array(size));
    this.values = this.#watcher === null ? this.#values : watched(this.#values, this.#watcher);
    this.readers = copy(this.readers, new Uint16Array(size));
    this.writers = copy(this.writers, new Uint16Array(size));
    this.visible = copy(this.visible, new Uint8Array(size));
    this.#keys1 = copy(this.#keys1, new Int32Array(size));
    this.#keys2 = copy(this.#keys2, new Int32Array(size));
    this.#met = copy(this.#met, new Int32Array(size));
  }

  /** The cell at an address, or -1 where it has none yet. */
  peek(pointer: number): number {
    const key = (pointer - POINTER) | 0;
    const mask = this.#tableKeys.length - 1;
    let slot = Math.imul(key, 0x9e3779b1) & mask;
    for (;;) {
      const found = this.#tableKeys[slot]!;
      if (found === key && this.#tableCells[slot] !== 0) return this.#tableCells[slot]! - 1;
      if (this.#tableCells[slot] === 0) return -1;
      slot = (slot + 1) & mask;
    }
  }

  /** The cell at an address; `hint` says what an unwritten one holds. */
  cell(pointer: number, hint: CellHint = 'number'): number {
    const found = this.peek(pointer);
    if (found >= 0) return found;
    const cell = this.newCell(pointer);
    const object = this.objects[(pointer - POINTER) >>> 16]!;
    this.#values[cell] = this.#initialValue(object, this.pathOf(pointer), hint);
    this.#insert((pointer - POINTER) | 0, cell);
    const cells = this.#cellsOf[object.id];
    if (cells === undefined) this.#cellsOf[object.id] = [cell];
    else cells.push(cell);
    return cell;
  }

  /** The cells at an address and below it, locks and other cells of the machine's own excepted. */
  cellsBelow(pointer: number): readonly number[] {
    const object = (pointer - POINTER) >>> 16;
    const path = this.pathOf(pointer);
    const cells = this.#cellsOf[object] ?? [];
    if (path === ROOT) return cells;
    return cells.filter((cell) => this.#isBelow(path, this.pathOf(this.cellAddress[cell]!)));
  }

  #isBelow(top: Path, path: Path): boolean {
    for (let at = path; ; at = this.#parents[at]!) {
      if (at === top) return true;
      if (at === ROOT) return false;
    }
  }

  /** The field names from one path down to another below it. */
  stepsBelow(top: Path, path: Path): string[] {
    const steps: string[] = [];
    for (let at = path; at !== top; at = this.#parents[at]!) steps.push(this.#names[at]!);
    return steps.reverse();
  }

  #initialValue(object: ObjectInfo, path: Path, hint: CellHint): number {
    const text = this.pathText(path);
    const preset = object.initial?.get(text);
    if (preset !== undefined) return preset;
    const name = this.#names[path]!;
    const tagged = this.fieldDefaults.get(`${object.tag}.${text}`) ?? this.fieldDefaults.get(`.${name}`);
    if (tagged !== undefined) return tagged;
    if (hint === 'number' || name.startsWith('#')) return 0;
    return this.makeTarget(object, path, hint.pointerTo);
  }

  #insert(key: number, cell: number): void {
    if (this.#tableUsed * 2 >= this.#tableKeys.length) {
      const oldKeys = this.#tableKeys;
      const oldCells = this.#tableCells;
      this.#tableKeys = new Int32Array(oldKeys.length * 2).fill(-1);
      this.#tableCells = new Int32Array(oldKeys.length * 2);
      this.#tableUsed = 0;
      for (let i = 0; i < oldKeys.length; i++)
        if (oldCells[i] !== 0) this.#insert(oldKeys[i]!, oldCells[i]! - 1);
    }
    const mask = this.#tableKeys.length - 1;
    let slot = Math.imul(key, 0x9e3779b1) & mask;
    while (this.#tableCells[slot] !== 0) slot = (slot + 1) & mask;
    this.#tableKeys[slot] = key;
    this.#tableCells[slot] = cell + 1;
    this.#tableUsed++;
  }

  /** Writes a cell, so that it can be undone; the hash follows with `settle()`. */
  set(cell: number, value: number): void {
    const old = this.#values[cell]!;
    if (old === value) {
      this.#watcher?.same(cell);
      return;
    }
    const at = this.logLength++;
    if (at >= this.#logCells.length) this.#growLog();
    this.#logCells[at] = cell;
    this.#logValues[at] = old;
    this.#values[cell] = value;
  }

  /**
   * Ends a step: the hash becomes that of the state, and the log keeps one entry for each cell that differs from what
   * it held before. Most writes of a step are to registers that are cleared before it ends.
   */
  settle(): void {
    const from = this.#settled;
    const end = this.logLength;
    if (from === end) return;
    const cells = this.#logCells;
    const before = this.#logValues;
    this.#logHash1[from] = this.hash1;
    this.#logHash2[from] = this.hash2;
    const settling = ++this.#settlings;
    let kept = from;
    for (let at = from; at < end; at++) {
      const cell = cells[at]!;
      if (this.#met[cell] === settling) continue;
      this.#met[cell] = settling;
      const old = before[at]!;
      const value = this.#values[cell]!;
      if (value === old) continue;
      this.#rehash(cell, old, value);
      cells[kept] = cell;
      before[kept++] = old;
    }
    this.logLength = kept;
    this.#settled = kept;
  }

  #growLog(): void {
    const size = this.#logCells.length * 2;
    const copy = <T extends Float64Array | Int32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#logCells = copy(this.#logCells, new Int32Array(size));
    this.#logHash1 = copy(this.#logHash1, new Int32Array(size));
    this.#logHash2 = copy(this.#logHash2, new Int32Array(size));
    this.#logValues = copy(this.#logValues, new Float64Array(size));
  }

  #rehash(cell: number, old: number, value: number): void {
    const key1 = this.#keys1[cell]!;
    const key2 = this.#keys2[cell]!;
    const a = fingerprint(old);
    const b = fingerprint(value);
    this.hash1 = (this.hash1 + scramble(b ^ key1) - scramble(a ^ key1)) | 0;
    this.hash2 = (this.hash2 + scramble(b ^ key2) - scramble(a ^ key2)) | 0;
  }

  /** Takes back every write since the log had that length: inside the step that is being made, or before a step. */
  undo(length: number): void {
    if (this.logLength <= length) return;
    for (let at = this.logLength - 1; at >= length; at--) {
      this.#values[this.#logCells[at]!] = this.#logValues[at]!;
    }
    this.logLength = length;
    if (length >= this.#settled) return;
    this.hash1 = this.#logHash1[length]!;
    this.hash2 = this.#logHash2[length]!;
    this.#settled = length;
  }

  /** What was done so far is where everything begins: it cannot be undone, and its hash is 0. */
  commit(): void {
    this.logLength = 0;
    this.#settled = 0;
    this.hash1 = 0;
    this.hash2 = 0;
  }

  loggedCell(at: number): number {
    return this.#logCells[at]!;
  }

  loggedValue(at: number): number {
    return this.#logValues[at]!;
  }

  /** Sets up memory before the run: no undo. */
  preset(pointer: number, value: number): void {
    const cell = this.cell(pointer);
    this.#values[cell] = value;
  }

  /** Tells of every read until it is called with null. Slow: for exporting. */
  watch(watcher: Watcher | null): void {
    this.#watcher = watcher;
    this.values = watcher === null ? this.#values : watched(this.#values, watcher);
  }

  // --- For people ----------------------------------------------------------------------------------------------

  describe(pointer: number): string {
    if (pointer === 0) return 'NULL';
    if (pointer < 0 && pointer >= -4095) return `ERR_PTR(${pointer})`;
    const object = this.objectOf(pointer);
    if (object === null) return `0x${(pointer >= 0 ? pointer : pointer + TWO32 * TWO32).toString(16)}`;
    const path = this.pathOf(pointer);
    return path === ROOT ? object.name : `${object.name}.${this.pathText(path)}`;
  }
}

function watched(values: Float64Array<ArrayBuffer>, watcher: Watcher): Float64Array<ArrayBuffer> {
  return new Proxy(values, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value === 'number' && key !== 'length') watcher.read(Number(key), value);
      return value;
    },
  });
}

/** 32 bits of a value; values that differ by less than 2^32 never collide. */
function fingerprint(value: number): number {
  const low = value | 0;
  if (low === value) return low;
  return low ^ Math.imul(Math.floor(value / TWO32) | 0, 0x85ebca6b);
}

function scramble(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
