import { isText } from 'domhandler';
import { parseDocument } from 'htmlparser2';

const decoded = new Map<string, string>();

/** What an HTML entity (`&rarr;`, `&#8217;`) stands for; one that HTML does not know is left as it is. */
export function decodeEntity(entity: string): string {
  const known = decoded.get(entity);
  if (known !== undefined) return known;
  const text = parseDocument(entity)
    .children.filter(isText)
    .map(({ data }) => data)
    .join('');
  decoded.set(entity, text);
  return text;
}
