import { count } from './text-buffer.ts';

/**
 * How much a page may cost before it is written without its structure (see `oversized/`). A node of the tree, with what
 * becomes of it in Markdown, takes up to 700 bytes and 10 µs, so this is about 100 MB and 2 seconds at worst, which the
 * worker and the smallest function app have. It is more than people write: a table of 20,000 cells with a paragraph in
 * each costs about 62,000, a million words 50,000, and pages of usual structure 60,000 for each megabyte.
 */
const MAX_COST = 150_000;

/** Adds up what the conversion of a page will take, in nodes. */
export interface PageCost {
  readonly tooHigh: boolean;
  addElement(attributes: object): void;
  addText(value: string): void;
}

export function pageCost(): PageCost {
  let cost = 0;
  return {
    get tooHigh() {
      return cost > MAX_COST;
    },
    addElement(attributes) {
      cost += 1;
      for (const _ in attributes) cost += 1;
    },
    addText(value) {
      // Text is copied several times; every address becomes a link; lists and quotes indent code line by line.
      const addresses = count(value, '@') + count(value, '://') + count(value.toLowerCase(), 'www.');
      cost += 1 + value.length / 128 + addresses + count(value, '\n') / 4;
    },
  };
}
