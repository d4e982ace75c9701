import { replyReport } from '../../engine/report/reply-report.ts';
import {
  explainAt,
  type InspectedFunction,
  inspectFunction,
  outlineOf,
  type ReviewFinding,
  verifiedFixes,
} from '../../engine/review/index.ts';
import { kconfigEntryText, type Run } from '../../engine/source/index.ts';
import type { OpenedCode } from './opened-code.ts';
import type { Answers, Explained, Fix, FunctionTexts, Question } from './questions.ts';

/** Answers one question about a document's code. After `run.cancelled()` the answer may be cut short. */
export async function answer(
  code: OpenedCode,
  question: Question,
  run: Run,
): Promise<Answers[Question['kind']]> {
  switch (question.kind) {
    case 'review':
      return code.review(run);
    case 'inspect':
      return inspect(code, question.lines, run);
    case 'explain':
      return explain(code, question.line, question.column, run);
    case 'outline': {
      const patch = await code.patch(run);
      return patch && outlineOf(patch, await code.review(run));
    }
    case 'reply':
      return reply(code, question.fingerprint, run);
    case 'fixes':
      return fixes(code, question.fingerprint, run);
    case 'suppression':
      return suppression(code, question.fingerprint, question.reason, run);
    case 'function':
      return functionTexts(code, question.file, question.name, run);
  }
}

async function inspect(
  code: OpenedCode,
  lines: { readonly from: number; readonly to: number } | null,
  run: Run,
): Promise<readonly InspectedFunction[]> {
  const view = await code.view(run);
  if (!view) return [];
  // Above a function that is neither changed nor has findings nothing is said of it: it need not be looked at.
  const found = new Set<string>();
  if (lines === null) {
    const { findings } = await code.review(run);
    for (const finding of findings) found.add(`${finding.file} ${finding.function}`);
  }
  const wanted = view.functions.filter((definition) => {
    const { unit, fn } = definition;
    if (lines === null) return view.isChanged(definition) || found.has(`${unit.path} ${fn.name}`);
    const shown = [unit.position(fn.at).line, unit.position(fn.end).line].map((line) =>
      view.shownAt(unit.path, line),
    );
    // An end that is outside the patch bounds nothing.
    const [from, to] = shown;
    return (from ?? 0) <= lines.to && (to ?? Number.MAX_SAFE_INTEGER) >= lines.from;
  });
  await view.program.loadCallees(wanted, run);
  const inspected: InspectedFunction[] = [];
  for (const definition of wanted) {
    if (run.cancelled?.()) break;
    const one = inspectFunction(view, definition);
    if (one) inspected.push(one);
  }
  return inspected;
}

async function explain(code: OpenedCode, line: number, column: number, run: Run): Promise<Explained | null> {
  const view = await code.view(run);
  const place = view?.placeAt(line, column) ?? null;
  if (!view || !place) return null;
  if (place.definition) await view.program.loadCallees([place.definition], run);
  const explanation = explainAt(view, place);
  if (!explanation) return null;
  const entry =
    explanation.kind === 'symbol' && code.tree ? await kconfigEntryText(code.tree, explanation.symbol) : null;
  return { explanation, entry };
}

async function reply(code: OpenedCode, fingerprint: string | null, run: Run): Promise<string> {
  const review = await code.review(run);
  const patch = await code.patch(run);
  const findings =
    fingerprint === null
      ? review.findings
      : review.findings
          .filter((finding) => finding.fingerprint === fingerprint)
          // Asked for by name, it is written about whatever its status.
          .map((finding) => ({ ...finding, status: 'introduced' as const }));
  return replyReport({ ...review, findings }, [patch?.series ?? null]);
}

async function fixes(code: OpenedCode, fingerprint: string, run: Run): Promise<readonly Fix[]> {
  const finding = await findingOf(code, fingerprint, run);
  const checked = await code.checked(run);
  if (!finding || !checked) return [];
  const right = await verifiedFixes(checked.program, checked.definitions, finding, checked.levels, run);
  const found: Fix[] = [];
  for (const { title, edits } of right) {
    const here = await code.inDocument(edits, run);
    if (here) found.push({ title, edits: here });
  }
  return found;
}

async function suppression(
  code: OpenedCode,
  fingerprint: string,
  reason: string,
  run: Run,
): Promise<Fix | null> {
  const finding = await findingOf(code, fingerprint, run);
  if (!finding || finding.sourceLine === '') return null;
  const { file, line, rule, sourceLine } = finding;
  // The comment must not be ended by what it says.
  const why = reason.replaceAll(/\*\/|[\r\n]/g, ' ').trim();
  const text = `${sourceLine.trimEnd()} /* lock-review: ignore ${rule}${why === '' ? '' : ` ${why}`} */`;
  const edits = await code.inDocument([{ file, from: line, to: line, lines: [text] }], run);
  return edits && { title: `Suppress ${rule} here`, edits };
}

async function findingOf(code: OpenedCode, fingerprint: string, run: Run): Promise<ReviewFinding | null> {
  const { findings } = await code.review(run);
  return findings.find((one) => one.fingerprint === fingerprint && one.status !== 'fixed') ?? null;
}

async function functionTexts(code: OpenedCode, file: string, name: string, run: Run): Promise<FunctionTexts> {
  const patch = await code.patch(run);
  if (!patch) return { before: null, after: null };
  const image = patch.images.files.find((one) => one.path === file);
  const textIn = (program: typeof patch.after, path: string) => {
    const unit = program.unit(path);
    // A file may hold one for each configuration.
    const texts = (unit?.functions ?? [])
      .filter((fn) => fn.name === name)
      .map((fn) => unit!.text.slice(fn.at, fn.end));
    return texts.length === 0 ? null : `${texts.join('\n\n')}\n`;
  };
  return {
    before: textIn(patch.before, image?.oldPath ?? file),
    after: textIn(patch.after, file),
  };
}
