import type { Heading } from 'mdast';
import type { WrittenHeading } from './markdown.ts';
import { lineText } from './plain-text.ts';

export interface OutlineEntry {
  readonly level: number;
  readonly text: string;
  /** The fragment that leads to the heading where the Markdown is shown (GitHub's rule). */
  readonly anchor: string;
  /** Where the heading's `#` stands in the Markdown. */
  readonly offset: number;
  /** Where the heading's line begins in the plain text. */
  readonly textOffset: number;
}

/**
 * The headings of a page in order, with their places in its Markdown and in its plain text. A heading that the text does
 * not have as a line of its own begins where the one before it does.
 */
export function outline(
  markdown: string,
  headings: readonly WrittenHeading[],
  textOffsets: ReadonlyMap<Heading, number>,
): OutlineEntry[] {
  const slugs = new Slugs();
  let line = 1;
  let start = 0;
  let textOffset = 0;
  return headings.map(({ heading, line: wanted }) => {
    for (; line < wanted; line++) {
      const end = markdown.indexOf('\n', start);
      if (end === -1) break;
      start = end + 1;
    }
    const text = lineText(heading.children).replace(/\s+/g, ' ').trim();
    textOffset = textOffsets.get(heading) ?? textOffset;
    return { level: heading.depth, text, anchor: slugs.next(text), offset: markdown.indexOf('#', start), textOffset };
  });
}

/** Fragments of headings as GitHub makes them: lower case, words joined by hyphens, repeats numbered. */
export class Slugs {
  private readonly used = new Map<string, number>();

  next(text: string): string {
    const slug = text
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');
    const before = this.used.get(slug);
    this.used.set(slug, (before ?? -1) + 1);
    if (before === undefined) return slug;
    const numbered = `${slug}-${before + 1}`;
    this.used.set(numbered, 0);
    return numbered;
  }
}
