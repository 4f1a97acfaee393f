import { Parser } from 'htmlparser2';

const MARKERS = /@@@(?:end)?hl@@@/g;
const ENTITY = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/gi;

/**
 * A title or excerpt of Confluence's search as plain text: without its highlight markers, entities decoded, white space
 * in one piece. Angle brackets stay: the excerpt of a page about `List<String>` is text, not markup.
 */
export function plainText(text: string): string {
  return text.replace(MARKERS, '').replace(ENTITY, decodeEntity).replace(/\s+/g, ' ').trim();
}

function decodeEntity(entity: string): string {
  let decoded = '';
  const parser = new Parser({ ontext: (text) => (decoded += text) }, { decodeEntities: true });
  parser.end(entity);
  return decoded;
}
