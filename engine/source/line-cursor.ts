/** Lines of rising offsets, counted on from one to the next: linear over a whole text, however long its lines are. */

export interface LinePlace {
  /** 1-based. */
  readonly line: number;
  /** Offset of the line's beginning. */
  readonly start: number;
  /** Offset of its newline, or of the end of the text. */
  readonly end: number;
}

/** A function that gives the line of an offset. The offsets asked for must not fall. */
export function lineCursor(text: string): (at: number) => LinePlace {
  let place = { line: 1, start: 0, end: lineEnd(text, 0) };
  return (at) => {
    while (at > place.end) {
      const start = place.end + 1;
      place = { line: place.line + 1, start, end: lineEnd(text, start) };
    }
    return place;
  };
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
