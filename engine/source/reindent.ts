/**
 * Giving added lines back the indentation that was lost on the way (a mail client that collapses white space).
 * Only cosmetics hang on it, so a plausible guess is enough: C tokens are what the checker reads.
 */
import type { Hunk } from '../patch/series.ts';
import { leadOf } from './line-key.ts';

/**
 * The text of each added line of the hunk, indented as the file around it is; parallel to `hunk.lines`, with
 * the hunk's own text for other lines.
 * @param actual the file's text for a context or removed line, by index in `hunk.lines`; null where it has none.
 */
export function restoreIndentation(hunk: Hunk, actual: (index: number) => string | null): string[] {
  const { lines } = hunk;
  const leads = new Map<string, string | null>();
  let damaged = false;
  for (const [i, line] of lines.entries()) {
    const text = line.kind === 'added' ? null : actual(i);
    if (text === null || text.trim() === '') continue;
    const sent = leadOf(line.text);
    const real = leadOf(text);
    if (sent !== real) damaged = true;
    const known = leads.get(sent);
    if (known === undefined) leads.set(sent, real);
    else if (known !== real) leads.set(sent, null);
  }
  if (!damaged && leads.size > 0) return lines.map((line) => line.text);
  const guess = new Indenter();
  const restored: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const { kind } = line;
    if (kind === 'context') guess.see(actual(i) ?? line.text, actual(i) !== null);
    if (kind !== 'context' && (i === 0 || lines[i - 1]!.kind === 'context')) {
      // What is replaced, before or behind, begins as deep as what replaces it.
      for (let j = i; j < lines.length && lines[j]!.kind !== 'context'; j++) {
        const text = lines[j]!.kind === 'removed' ? actual(j) : null;
        if (text === null || text.trim() === '') continue;
        guess.anchor(text);
        break;
      }
    }
    if (kind !== 'added') {
      restored.push(line.text);
      continue;
    }
    const body = line.text.trim();
    const sent = leadOf(line.text);
    // One blank is what is left of any indentation; more than that has been translated.
    const lead = sent.length > 1 ? (leads.get(sent) ?? null) : null;
    const text = body === '' ? '' : lead !== null ? lead + body : guess.indent(body);
    guess.see(text, true);
    restored.push(text);
  }
  return restored;
}

/** Follows braces and parentheses from a line whose indentation is known to the ones below it. */
class Indenter {
  /** Tabs that the next line gets. */
  #depth = 0;
  /** Open parentheses: the next line continues a statement. */
  #open = 0;
  /** The line above is an `if (…)` or an `else` without a brace: the next line alone is one deeper. */
  #single = false;

  indent(body: string): string {
    if (body.startsWith('#') || isLabel(body)) return body;
    if (this.#open > 0) return '\t'.repeat(this.#depth + 2) + body;
    let depth = this.#depth + (this.#single && !body.startsWith('{') ? 1 : 0);
    if (body.startsWith('}') || isCase(body)) depth = Math.max(0, depth - 1);
    const inComment = body.startsWith('*') ? ' ' : '';
    return '\t'.repeat(depth) + inComment + body;
  }

  /** Takes the depth from a line that stands where the next one will. */
  anchor(text: string): void {
    const body = text.trim();
    if (this.#open > 0 || body.startsWith('}') || body.startsWith('#') || body.startsWith('*')) return;
    if (isLabel(body) || isCase(body)) return;
    this.#depth = Math.max(0, tabsOf(leadOf(text)) - (this.#single && !body.startsWith('{') ? 1 : 0));
  }

  /** @param known whether the text's own indentation can be relied on. */
  see(text: string, known: boolean): void {
    const body = text.trim();
    if (body === '' || body.startsWith('#') || body.startsWith('*') || body.startsWith('/*')) return;
    const continued = this.#open > 0;
    if (known && !continued && !isLabel(body)) {
      this.#depth = tabsOf(leadOf(text)) - (this.#single && !body.startsWith('{') ? 1 : 0);
    }
    for (let i = 0; i < body.length; i++) {
      const char = body[i];
      if (char === '(') this.#open++;
      else if (char === ')') this.#open = Math.max(0, this.#open - 1);
    }
    if (this.#open > 0) return;
    this.#single = false;
    if (body.endsWith('{') || isCase(body)) this.#depth++;
    else if (isHead(body)) this.#single = true;
    this.#depth = Math.max(0, this.#depth);
  }
}

/** Indentation in tabs of eight columns. */
function tabsOf(lead: string): number {
  let columns = 0;
  for (const char of lead) columns = char === '\t' ? columns - (columns % 8) + 8 : columns + 1;
  return Math.floor(columns / 8);
}

function isLabel(body: string): boolean {
  return /^[A-Za-z_]\w*:$/.test(body) && body !== 'default:';
}

function isCase(body: string): boolean {
  return body === 'default:' || (body.startsWith('case ') && body.endsWith(':'));
}

function isHead(body: string): boolean {
  if (body.endsWith(';') || body.endsWith('{') || body.endsWith(',')) return false;
  return /^(?:\} )?else$/.test(body) || /^(?:(?:\} )?else )?(?:if|for|while) ?\(/.test(body) || body === 'do';
}
