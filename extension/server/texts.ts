/**
 * What the server itself says, in the editor's language: titles of lenses and actions, the words around what the
 * engine found. The editor hands over its translations when it introduces itself; a server serves one editor. What
 * the engine says of code (findings, contracts, locks) is the same everywhere, and is quoted in mails: it stays as
 * it is.
 */

/** Translations by the English text, as `vscode.l10n.bundle` has them. */
export type Texts = Readonly<Record<string, string>>;

let known: Texts = {};

/** @param texts from outside: what is not text is left out */
export function useTexts(texts: unknown): void {
  const all = typeof texts === 'object' && texts !== null ? Object.entries(texts) : [];
  known = Object.fromEntries(all.filter(([, text]) => typeof text === 'string'));
}

/**
 * A text in the editor's language, in English where there is no translation.
 * @param text a literal, so that tools find it; `{0}`, `{1}` stand for the values
 */
export function say(text: string, ...values: readonly (string | number)[]): string {
  const found = Object.hasOwn(known, text) ? known[text]! : text;
  return found.replaceAll(/\{(\d)\}/g, (whole, index) => String(values[Number(index)] ?? whole));
}
