import type { Link, Text } from 'mdast';

const URL_PATTERN = String.raw`(?<![A-Za-z])(?:https?:\/\/|www\.)[^\s<>"\x60\\^{|}]+`;
const DOMAIN_LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const MAIL_PATTERN = String.raw`(?<![\w.+@-])[\w.+-]{1,64}@${DOMAIN_LABEL}(?:\.${DOMAIN_LABEL}){1,8}`;
const ADDRESS = new RegExp(`${URL_PATTERN}|${MAIL_PATTERN}`, 'gi');

/**
 * Makes links of the addresses in a text, which a reader of GFM would see as links anyway: as nodes of their own they are
 * written as they are, without escapes inside.
 */
export function linkify(value: string): (Text | Link)[] {
  if (!value.includes('://') && !value.includes('@') && !value.includes('www.')) return [{ type: 'text', value }];
  const parts: (Text | Link)[] = [];
  let start = 0;
  for (const match of value.matchAll(ADDRESS)) {
    const address = trimPunctuation(match[0]);
    if (address.length < 5) continue;
    if (match.index > start) parts.push({ type: 'text', value: value.slice(start, match.index) });
    parts.push({ type: 'link', url: target(address), children: [{ type: 'text', value: address }] });
    start = match.index + address.length;
  }
  if (start < value.length) parts.push({ type: 'text', value: value.slice(start) });
  return parts;
}

function target(address: string): string {
  if (/^https?:/i.test(address)) return address;
  return /^www\./i.test(address) ? `http://${address}` : `mailto:${address}`;
}

/** Punctuation after an address belongs to the sentence; a closing bracket too, unless it was opened inside. */
function trimPunctuation(address: string): string {
  const opened = address.includes('(');
  let end = address.length;
  while (end > 0) {
    const last = address.charAt(end - 1);
    if (last === ')' && opened) break;
    if (!/[.,;:!?'*_~)\]]/.test(last)) break;
    end--;
  }
  return address.slice(0, end);
}
