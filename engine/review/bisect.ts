/**
 * What is broken between the patches of a series and mended by its end: whoever bisects may stop there. Each is told
 * as a note under the rule that found it.
 */
import type { CParser } from '../c/index.ts';
import type { Finding } from '../check/index.ts';
import { overlayTree, type Run } from '../source/index.ts';
import { checkSet } from './check-set.ts';
import { fingerprint } from './fingerprint.ts';
import { type OpenedInput, preTexts } from './open-input.ts';
import type { ReviewOptions } from './options.ts';
import { type Places, present } from './present.ts';
import type { ReviewFinding } from './review.ts';
import { openProgram } from './review-files.ts';

/** Patches of one series that are checked by themselves. */
const MAX_STEPS = 40;

/**
 * @param known what is found before the series and at its end; nothing of it is told again. Needs a tree: of hunks
 * alone, the state in the middle is not known.
 */
export async function bisectFindings(
  opened: OpenedInput,
  index: number,
  known: readonly Finding[],
  options: ReviewOptions,
  parser: CParser,
  run?: Run,
): Promise<readonly ReviewFinding[]> {
  const { images, scope, series, tree, work } = opened;
  if (!tree || series.patches.length < 2) return [];
  const seen = new Set(known.map(fingerprint));
  const chosen = new Set([...scope.after, ...scope.before].map(({ unit, fn }) => `${unit.path} ${fn.name}`));
  const found: ReviewFinding[] = [];
  for (const step of images.steps.slice(0, -1).slice(0, MAX_STEPS)) {
    if (run?.cancelled?.()) break;
    const texts = new Map([...preTexts(images), ...step.files]);
    const program = await openProgram(overlayTree(tree, texts), options, parser, new Set(), [], work);
    const definitions = [];
    for (const path of step.touched) {
      if (!/\.[ch]$/.test(path) || texts.get(path) === null) continue;
      const unit = await program.load(path);
      for (const fn of unit?.functions ?? [])
        if (chosen.has(`${path} ${fn.name}`)) definitions.push({ unit: unit!, fn });
    }
    await program.loadCallees(definitions, run);
    const { findings } = await checkSet(program, definitions, options.ruleLevels, run);
    const places: Places = {
      line: (file, line) => program.unit(file)?.line(line) ?? '',
      inputLine: (file, line) => step.lineToInput(file, line),
    };
    for (const one of findings) {
      // A patch in the middle may well remove what a later one needs no more: only errors count.
      if (one.level !== 'error' || seen.has(fingerprint(one))) continue;
      seen.add(fingerprint(one));
      const place = `${step.patch + 1} of ${series.patches.length}`;
      const note: Finding = {
        ...one,
        level: 'note',
        message: `after patch ${place}, ${one.message}; a later patch repairs it`,
        why: 'The series is right at its end, but who bisects and stops here has the fault.',
        advice: 'Put the change and what goes with it into one patch, or change the order.',
        shape: `${one.shape} between patches`,
      };
      found.push(present(note, 'introduced', index, places));
    }
  }
  return found;
}
