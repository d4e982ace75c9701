/** Telling the inputs that hold a patch from those that do not. */
import type { InputProblem, Inputs } from './inputs.ts';
import type { ReadPatch } from './join-series.ts';
import type { PatchInput, Services } from './services.ts';

/** The inputs of which something can be reviewed, each patch with what it was read as. */
export interface Usable extends Inputs {
  readonly patches: readonly ReadPatch[];
}

/**
 * Takes out the mails and files in which there is no diff at all. A cover letter beside its patches is no
 * mistake.
 * @param excuseAll no such input is a mistake: b4 hands cover letters to the check of a series, and expects to
 *   hear that there is nothing to say.
 */
export async function withoutUnusable(
  inputs: Inputs,
  services: Services,
  excuseAll = false,
): Promise<Usable> {
  const patches: ReadPatch[] = [];
  const unusable: { readonly input: PatchInput; readonly problem: InputProblem }[] = [];
  for (const input of inputs.patches) {
    const { value, problems } = await services.readSeries(input.text);
    if (value.patches.length > 0) patches.push({ ...input, series: value });
    else {
      const why =
        problems[0]?.message ?? 'expected a diff, as git format-patch, git diff or diff -u write it';
      const line = problems[0]?.line ?? null;
      unusable.push({ input, problem: { name: input.name, line, message: `is not a patch: ${why}` } });
    }
  }
  const excused = ({ input }: (typeof unusable)[0]) =>
    excuseAll || (patches.length > 0 && isCoverLetter(input.text));
  const problems = unusable.filter((one) => !excused(one)).map((one) => one.problem);
  return { ...inputs, patches, problems: [...inputs.problems, ...problems] };
}

/** True for a mail with number 0 of a series in its subject. */
function isCoverLetter(text: string): boolean {
  return /^Subject:[^\n[]{0,80}\[[^\]\n]{0,80}\b0{1,4}\/\d{1,4}\]/m.test(text.slice(0, 20_000));
}
