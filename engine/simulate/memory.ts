/**
 * The shared memory: objects with fields, as cells of one typed array, with an undo log and a hash that follows each
 * step. A pointer is a number: `POINTER + object × 2^16 + path`.
 */
import { CellTable } from './cell-table.ts';
import { FieldPaths, MAX_PATHS, OutOfMemory, type Path, ROOT } from './field-paths.ts';
import { longer } from './longer.ts';
import { TWO32 } from './numbers.ts';
import { CellKeys } from './state-hash.ts';

export { OutOfMemory, type Path } from './field-paths.ts';

export const POINTER = 2 ** 46;
const MAX_OBJECTS = 0x10000;
const MAX_CELLS = 1 << 22;
/** The cell that counts how often one of the machine's lists has grown. No part of the state. */
const GROWTH = 0;

export type ObjectId = number;

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
  /** A cell is about to be written, possibly with the value that it has. */
  write(cell: number, old: number, value: number): void;
}

/** What a step changes, for doing it again without its operations. */
export interface StepEffect {
  readonly cells: Int32Array;
  readonly before: Float64Array;
  readonly after: Float64Array;
  /** What the step adds to the two halves of the hash. */
  readonly hash1: number;
  readonly hash2: number;
}

export class Memory {
  readonly paths = new FieldPaths();
  #values = new Float64Array(1 << 12);
  #watcher: Watcher | null = null;
  /** Tasks that read and wrote each cell, as bits; kept over the whole exploration. */
  readers = new Uint16Array(1 << 12);
  writers = new Uint16Array(1 << 12);
  /** 1 for a cell that several tasks use and at least one writes: its accesses are steps of their own. */
  visible = new Uint8Array(1 << 12);
  readonly #keys = new CellKeys();
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
  readonly #table = new CellTable();
  readonly cellAddress: number[] = [];
  readonly #cellsOf: number[][] = [];
  /** By object: the cell that counts its cells; undefined while nobody has gone through them. */
  readonly #countsOf: number[] = [];

  /** Values for fields of a struct wherever it is, `tag.field` → value. */
  readonly fieldDefaults = new Map<string, number>();
  /** Makes the object that a pointer field points to when it is first followed. */
  makeTarget: (object: ObjectInfo, path: Path, tag: string) => number = () => 0;

  constructor() {
    this.newCell(-1);
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
      if (id >= MAX_OBJECTS) throw new OutOfMemory('more than 65,536 objects');
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
    return POINTER + object * MAX_PATHS + path;
  }

  /** A field of what a pointer points to. */
  member(pointer: number, name: string): number {
    const at = pointer - POINTER;
    const path = at & 0xffff;
    return pointer - path + this.paths.child(path, name);
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
      if (this.paths.name(path) !== fields[i]) return null;
      path = this.paths.parent(path);
    }
    return pointer - this.pathOf(pointer) + path;
  }

  // --- Cells ---------------------------------------------------------------------------------------------------

  newCell(address: number): number {
    const cell = this.count++;
    if (cell >= this.#values.length) this.#grow();
    this.#keys.add(cell);
    this.cellAddress.push(address);
    return cell;
  }

  #grow(): void {
    const size = this.#values.length * 2;
    if (size > MAX_CELLS) throw new OutOfMemory('more than 4 million cells');
    this.#values = longer(this.#values, size);
    this.readers = longer(this.readers, size);
    this.writers = longer(this.writers, size);
    this.visible = longer(this.visible, size);
    this.#met = longer(this.#met, size);
  }

  /** The cell at an address; `hint` says what an unwritten one holds. */
  cell(pointer: number, hint: CellHint = 'number'): number {
    const key = (pointer - POINTER) | 0;
    const found = this.#table.find(key);
    if (found >= 0) return found;
    const cell = this.newCell(pointer);
    const object = this.objects[(pointer - POINTER) >>> 16]!;
    this.#values[cell] = this.#initialValue(object, this.pathOf(pointer), hint);
    this.#table.add(key, cell);
    const cells = this.#cellsOf[object.id];
    if (cells === undefined) this.#cellsOf[object.id] = [cell];
    else cells.push(cell);
    const count = this.#countsOf[object.id];
    if (count !== undefined) this.#values[count]!++;
    return cell;
  }

  /** The cells at an address and below it, locks and other cells of the machine's own excepted. */
  cellsBelow(pointer: number): readonly number[] {
    const object = (pointer - POINTER) >>> 16;
    this.#countsOf[object] ??= this.newCell(-1);
    this.get(this.#countsOf[object]);
    const path = this.pathOf(pointer);
    const cells = this.#cellsOf[object] ?? [];
    if (path === ROOT) return cells;
    return cells.filter((cell) => this.paths.isBelow(path, this.pathOf(this.cellAddress[cell]!)));
  }

  /** To be called where one of the machine's lists gets longer: locks, iterators. They never get shorter. */
  noteGrowth(): void {
    this.#values[GROWTH]!++;
  }

  /** To be called before going through such a list: a watcher is told, so that it knows what depends on its length. */
  watchGrowth(): void {
    this.get(GROWTH);
  }

  #initialValue(object: ObjectInfo, path: Path, hint: CellHint): number {
    const text = this.paths.text(path);
    const preset = object.initial?.get(text);
    if (preset !== undefined) return preset;
    const name = this.paths.name(path);
    const tagged = this.fieldDefaults.get(`${object.tag}.${text}`) ?? this.fieldDefaults.get(`.${name}`);
    if (tagged !== undefined) return tagged;
    if (hint === 'number' || name.startsWith('#')) return 0;
    return this.makeTarget(object, path, hint.pointerTo);
  }

  // --- Values --------------------------------------------------------------------------------------------------

  get(cell: number): number {
    const value = this.#values[cell]!;
    if (this.#watcher !== null) this.#watcher.read(cell, value);
    return value;
  }

  /** Writes a cell, so that it can be undone; the hash follows with `settle()`. */
  set(cell: number, value: number): void {
    const old = this.#values[cell]!;
    if (this.#watcher !== null) this.#watcher.write(cell, old, value);
    if (old === value) return;
    const at = this.logLength++;
    if (at >= this.#logCells.length) this.#growLog();
    this.#logCells[at] = cell;
    this.#logValues[at] = old;
    this.#values[cell] = value;
  }

  /** Sets a cell outside of steps: without undo, without the hash. */
  put(cell: number, value: number): void {
    this.#values[cell] = value;
  }

  /** All cells, for who looks at many of them: no watcher is told. To be asked for again after a step. */
  get unwatched(): Float64Array {
    return this.#values;
  }

  /** Tells of every read and write until it is called with null. */
  watch(watcher: Watcher | null): void {
    this.#watcher = watcher;
  }

  // --- Steps and undo ------------------------------------------------------------------------------------------

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
      this.hash1 = (this.hash1 + this.#keys.first(cell, old, value)) | 0;
      this.hash2 = (this.hash2 + this.#keys.second(cell, old, value)) | 0;
      cells[kept] = cell;
      before[kept++] = old;
    }
    this.logLength = kept;
    this.#settled = kept;
  }

  /** The cells that have changed since the log had that length, as `settle()` has left it. */
  changesSince(length: number): Pick<StepEffect, 'cells' | 'before' | 'after'> {
    const cells = this.#logCells.slice(length, this.logLength);
    const after = new Float64Array(cells.length);
    for (let i = 0; i < cells.length; i++) after[i] = this.#values[cells[i]!]!;
    return { cells, before: this.#logValues.slice(length, this.logLength), after };
  }

  /** Makes a step again whose effect is known; the cells that it changes must hold what they held before it. */
  redo({ cells, before, after, hash1, hash2 }: StepEffect): void {
    const from = this.logLength;
    const count = cells.length;
    if (count === 0) return;
    while (from + count > this.#logCells.length) this.#growLog();
    const values = this.#values;
    const logCells = this.#logCells;
    const logValues = this.#logValues;
    for (let i = 0; i < count; i++) {
      const cell = cells[i]!;
      logCells[from + i] = cell;
      logValues[from + i] = before[i]!;
      values[cell] = after[i]!;
    }
    this.#logHash1[from] = this.hash1;
    this.#logHash2[from] = this.hash2;
    this.hash1 = (this.hash1 + hash1) | 0;
    this.hash2 = (this.hash2 + hash2) | 0;
    this.logLength = from + count;
    this.#settled = from + count;
  }

  /** Moves from the state before a step to the one after it, where nothing is in the log: without undo. */
  apply({ cells, after, hash1, hash2 }: StepEffect): void {
    for (let i = 0; i < cells.length; i++) this.#values[cells[i]!] = after[i]!;
    this.hash1 = (this.hash1 + hash1) | 0;
    this.hash2 = (this.hash2 + hash2) | 0;
  }

  /** The way back from `apply()`. */
  takeBack({ cells, before, hash1, hash2 }: StepEffect): void {
    for (let i = 0; i < cells.length; i++) this.#values[cells[i]!] = before[i]!;
    this.hash1 = (this.hash1 - hash1) | 0;
    this.hash2 = (this.hash2 - hash2) | 0;
  }

  #growLog(): void {
    const size = this.#logCells.length * 2;
    this.#logCells = longer(this.#logCells, size);
    this.#logHash1 = longer(this.#logHash1, size);
    this.#logHash2 = longer(this.#logHash2, size);
    this.#logValues = longer(this.#logValues, size);
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

  // --- For people ----------------------------------------------------------------------------------------------

  describe(pointer: number): string {
    if (pointer === 0) return 'NULL';
    if (pointer < 0 && pointer >= -4095) return `ERR_PTR(${pointer})`;
    const object = this.objectOf(pointer);
    if (object === null) return `0x${(pointer >= 0 ? pointer : pointer + TWO32 * TWO32).toString(16)}`;
    const path = this.pathOf(pointer);
    return path === ROOT ? object.name : `${object.name}.${this.paths.text(path)}`;
  }
}
