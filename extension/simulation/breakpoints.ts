/** Where a debugger stops: lines of the code that is run, reached by a task or executed by it. */
import type { MoveData } from '../../media/panel/messages.ts';

export interface CodeLine {
  readonly file: string;
  readonly line: number;
}

export class Breakpoints {
  /** By the document that they were set in. */
  readonly #lines = new Map<string, readonly CodeLine[]>();

  set(document: string, lines: readonly CodeLine[]): void {
    this.#lines.set(document, lines);
  }

  has({ file, line }: CodeLine): boolean {
    for (const lines of this.#lines.values())
      if (lines.some((one) => one.file === file && one.line === line)) return true;
    return false;
  }

  /**
   * Whether a move is one to stop at: its task has come to a line with a breakpoint. A line without an access that
   * others could see is passed in the middle of a move, so what was executed counts as well.
   * @param from where the task was before the move
   */
  stops(move: MoveData, from: CodeLine | null): boolean {
    const isNew = (place: CodeLine) => from === null || place.file !== from.file || place.line !== from.line;
    return (this.has(move.next) && isNew(move.next)) || (this.has(move.place) && isNew(move.place));
  }
}
