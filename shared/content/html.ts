import type { PhrasingContent } from 'mdast';

/**
 * A line of simple inline nodes as HTML, for a cell of an HTML table; undefined when it holds more than text and emphasis.
 * Backticks, backslashes and brackets become character references, because references are found by stepping over code.
 */
export function phrasingToHtml(nodes: readonly PhrasingContent[]): string | undefined {
  let html = '';
  for (const node of nodes) {
    const part = nodeToHtml(node);
    if (part === undefined) return undefined;
    html += part;
  }
  return html;
}

const TAGS = new Map([
  ['strong', 'strong'],
  ['emphasis', 'em'],
  ['delete', 'del'],
]);

function nodeToHtml(node: PhrasingContent): string | undefined {
  if (node.type === 'text') return escapeHtml(node.value);
  if (node.type === 'inlineCode') return `<code>${escapeHtml(node.value)}</code>`;
  if (node.type === 'html') return node.value;
  const tag = TAGS.get(node.type);
  if (tag === undefined || !('children' in node)) return undefined;
  const inside = phrasingToHtml(node.children);
  return inside === undefined ? undefined : `<${tag}>${inside}</${tag}>`;
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"'`\\[\]]/g, (character) => ENTITIES.get(character) ?? `&#${character.charCodeAt(0)};`);
}

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);
