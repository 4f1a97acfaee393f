import { isHidden } from './blocks.ts';
import type { ElementHandler } from './context.ts';
import { CODE, DELETE, EMPHASIS, STRONG, type Style, SUBSCRIPT, SUPERSCRIPT, withMark } from './pieces.ts';
import type { ElementNode } from './tree.ts';
import { collect } from './walk.ts';

/** An element that only marks its text. */
function marked(mark: number): ElementHandler {
  return (element, style, page, out) => collect(element.children, withMark(style, mark), page, out);
}

export const strong = marked(STRONG);
export const emphasis = marked(EMPHASIS);
export const deleted = marked(DELETE);
export const superscript = marked(SUPERSCRIPT);
export const subscript = marked(SUBSCRIPT);
export const code = marked(CODE);

/** Formatting by style attribute, as older editors and pasted text have it. */
export const span: ElementHandler = (element, style, page, out) => {
  if (isHidden(element)) return;
  collect(element.children, styled(element, style), page, out);
};

function styled(element: ElementNode, style: Style): Style {
  // The longest that editors write is a tenth of this; a pattern should not run over a megabyte of it.
  const css = element.attributes.style?.slice(0, 2_000);
  if (!css) return style;
  let result = style;
  if (/text-decoration[^;]*line-through/i.test(css)) result = withMark(result, DELETE);
  if (/font-weight\s*:\s*(?:bold|[6-9]00)/i.test(css)) result = withMark(result, STRONG);
  if (/font-style\s*:\s*italic/i.test(css)) result = withMark(result, EMPHASIS);
  if (/vertical-align\s*:\s*super/i.test(css)) result = withMark(result, SUPERSCRIPT);
  if (/vertical-align\s*:\s*sub\b/i.test(css)) result = withMark(result, SUBSCRIPT);
  return result;
}

export const lineBreak: ElementHandler = (element, style, page, out) => {
  out.push({ kind: 'break' });
  collect(element.children, style, page, out);
};

/** `<q>`: quotation marks are how text says it. */
export const inlineQuote: ElementHandler = (element, style, page, out) => {
  out.push({ kind: 'text', value: '“', style });
  collect(element.children, style, page, out);
  out.push({ kind: 'text', value: '”', style });
};

/** A date is its ISO form, unless an editor wrote it out. */
export const time: ElementHandler = (element, style, page, out) => {
  if (element.children.length > 0) return collect(element.children, style, page, out);
  const date = element.attributes.datetime ?? element.attributes['ac:datetime'] ?? '';
  out.push({ kind: 'text', value: date, style });
};
