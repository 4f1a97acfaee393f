import type { Section } from '../page.ts';

/** The section of a page in which a hit stands. */
export interface HitSection {
  readonly title: string;
  /** Leads to the heading on the page in Confluence. */
  readonly url: string;
}

/** The section that holds a place of the page's plain text; undefined above the first heading. */
export function sectionAt(sections: readonly Section[], pageUrl: string, textOffset: number): HitSection | undefined {
  const index = sections.findLastIndex((section) => section.textOffset <= textOffset && section.text !== '');
  const section = sections[index];
  return section && { title: section.text, url: `${pageUrl}#${encodeURIComponent(fragmentOf(sections, index))}` };
}

/**
 * The id that Confluence gives a heading: its text with hyphens for white space; a repeated one gets `.1`, `.2`, …
 * (`getHeadingId` of `@atlaskit/renderer`). Pages last saved in the old editor have other ids; there the link leads to the
 * page's top.
 */
function fragmentOf(sections: readonly Section[], index: number): string {
  const ids = sections.slice(0, index + 1).map(({ text }) => text.trim().replace(/\s/g, '-'));
  const id = ids[index] ?? '';
  const repeats = ids.slice(0, index).filter((other) => other === id).length;
  return repeats === 0 ? id : `${id}.${repeats}`;
}
