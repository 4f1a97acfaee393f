import type { Occurrence } from './needles.ts';

/** What an excerpt shows of a page. */
export const PASSAGE_CHARACTERS = 240;

export interface Passage {
  /** Where its first and last occurrences begin and end in the text. */
  readonly start: number;
  readonly end: number;
  /** The weight of all needles that it holds. */
  readonly weight: number;
}

/**
 * The stretch of at most {@link PASSAGE_CHARACTERS} in which the needles that occur weigh most; of equals the shortest,
 * of these the first.
 */
export function bestPassage(occurrences: readonly Occurrence[], weights: readonly number[]): Passage | undefined {
  const counts = new Map<number, number>();
  let best: Passage | undefined;
  let weight = 0;
  let first = 0;
  for (const last of occurrences) {
    const count = counts.get(last.needle) ?? 0;
    counts.set(last.needle, count + 1);
    if (count === 0) weight += weights[last.needle] ?? 0;
    let start = occurrences[first] ?? last;
    // Leaves out what lies too far back, and what occurs again further on.
    while (start !== last && (last.end - start.start > PASSAGE_CHARACTERS || (counts.get(start.needle) ?? 0) > 1)) {
      const left = (counts.get(start.needle) ?? 1) - 1;
      counts.set(start.needle, left);
      if (left === 0) weight -= weights[start.needle] ?? 0;
      start = occurrences[++first] ?? last;
    }
    const passage = { start: start.start, end: Math.max(start.end, last.end), weight };
    if (!best || isBetter(passage, best)) best = passage;
  }
  return best;
}

function isBetter(passage: Passage, best: Passage): boolean {
  const more = passage.weight - best.weight;
  // Sums of the same weights in another order differ by a little.
  if (Math.abs(more) > 1e-9) return more > 0;
  return passage.end - passage.start < best.end - best.start;
}
