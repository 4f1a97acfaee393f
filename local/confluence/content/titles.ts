import { CONTEXTS, TASKS, THINGS } from './vocabulary.ts';

const COMBINATIONS = TASKS.length * THINGS.length * CONTEXTS.length;
/** Prime to the number of combinations, so that stepping by it visits each one once. */
const STRIDE = 7_919;

/** The title that page `index` of a generated site was created with; unique within the site. */
export function generatedTitle(seed: number, index: number): string {
  const at = (index * STRIDE + seed) % COMBINATIONS;
  const task = TASKS[at % TASKS.length];
  const thing = THINGS[Math.floor(at / TASKS.length) % THINGS.length];
  const context = CONTEXTS[Math.floor(at / (TASKS.length * THINGS.length))];
  const round = Math.floor(index / COMBINATIONS);
  return `${task} ${thing} ${context}${round === 0 ? '' : ` (${round + 1})`}`;
}
