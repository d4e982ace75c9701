/**
 * Reviews that were made before. A review follows from the program that makes it, from its inputs and options, and
 * from what the source tree answers to its questions: where all of that is as it was, so is the review, to the byte.
 */
import type { ReviewOptions } from '../../engine/review/options.ts';
import type { Review } from '../../engine/review/review.ts';
import type { SourceTree } from '../../engine/source/tree.ts';
import type { Cache } from './disk-cache.ts';
import { type Asked, answersAsBefore, type RecordedTree, recordTree } from './recorded-tree.ts';

export interface RememberedReviews {
  /** The tree to review with, so that what the review asks of it is known in the end. */
  watch(tree: SourceTree | null): Watched;
}

export interface Watched {
  readonly tree: SourceTree | null;
  /**
   * The review of `subject` as it was kept, if all it rests on is unchanged; else the one that `make` makes.
   * @param subject what is reviewed: anything that JSON can tell apart
   * @param cancelled a review that was given up half way is not kept
   */
  review(
    subject: unknown,
    options: ReviewOptions,
    make: () => Promise<Review>,
    cancelled?: () => boolean,
  ): Promise<Review>;
}

/** What is made faster than this is not kept, in milliseconds: reading it back would take as long. */
const WORTH_KEEPING = 100;

/** @param program names this program to the byte: what another version found out does not count. */
export function rememberedReviews(
  cache: Cache,
  program: string,
  worthKeeping = WORTH_KEEPING,
): RememberedReviews {
  return {
    watch(tree) {
      const recorded: RecordedTree | null = tree === null ? null : recordTree(tree);
      return {
        tree: recorded?.tree ?? null,
        async review(subject, options, make, cancelled) {
          const started = Date.now();
          const key = keyOf(program, tree?.name ?? null, subject, options);
          const kept = cache.get(key);
          if (isKept(kept) && (await stillHolds(kept, tree)))
            return { ...kept.review, stats: { ...kept.review.stats, milliseconds: Date.now() - started } };
          const review = await make();
          const asked = recorded?.asked() ?? null;
          const isWhole = cancelled?.() !== true && (recorded === null || asked !== null);
          if (isWhole && Date.now() - started >= worthKeeping) {
            cache.put(key, { asked, review } satisfies Kept);
          }
          return review;
        },
      };
    },
  };

  function keyOf(...of: [string, string | null, unknown, ReviewOptions]): string {
    return JSON.stringify(of, (_, value: unknown) => (value instanceof Map ? [...value] : value));
  }
}

interface Kept {
  /** Null without a tree: there was nothing to ask. */
  readonly asked: Asked | null;
  readonly review: Review;
}

async function stillHolds({ asked }: Kept, tree: SourceTree | null): Promise<boolean> {
  if (asked === null || tree === null) return asked === null && tree === null;
  return answersAsBefore(tree, asked);
}

/** The cache has proved that it gives back what was put in, and the key names the program that did. */
function isKept(value: unknown): value is Kept {
  return typeof value === 'object' && value !== null && 'review' in value && 'asked' in value;
}
