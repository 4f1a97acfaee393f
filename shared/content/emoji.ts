import type { ElementHandler } from './context.ts';

/** The emoticons of the editors that have a name instead of a code point. */
const BY_NAME = new Map([
  ['smile', '🙂'],
  ['sad', '🙁'],
  ['cheeky', '😛'],
  ['laugh', '😃'],
  ['wink', '😉'],
  ['thumbs-up', '👍'],
  ['thumbs-down', '👎'],
  ['information', 'ℹ️'],
  ['info', 'ℹ️'],
  ['tick', '✅'],
  ['check_mark', '✅'],
  ['cross', '❌'],
  ['cross_mark', '❌'],
  ['warning', '⚠️'],
  ['plus', '➕'],
  ['minus', '➖'],
  ['question', '❓'],
  ['question_mark', '❓'],
  ['light-on', '💡'],
  ['light_bulb_on', '💡'],
  ['light-off', '🔅'],
  ['yellow-star', '⭐'],
  ['red-star', '🔴'],
  ['green-star', '🟢'],
  ['blue-star', '🔵'],
  ['heart', '❤️'],
  ['broken-heart', '💔'],
]);

const PICTOGRAPH = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3/u;

/** An emoticon or emoji as its character; one of the site's own as its `:name:`. */
export const emoticon: ElementHandler = (element, style, _page, out) => {
  out.push({ kind: 'text', value: emojiOf(element.attributes), style });
};

export function emojiOf(attributes: Readonly<Record<string, string>>): string {
  const name = attributes['ac:name'] ?? '';
  const shortName = attributes['ac:emoji-shortname'] ?? '';
  const fallback = attributes['ac:emoji-fallback'] ?? '';
  const byId = fromCodePoints(attributes['ac:emoji-id'] ?? '');
  if (byId) return byId;
  if (PICTOGRAPH.test(fallback)) return fallback;
  const bare = (shortName || fallback).replaceAll(':', '');
  // The new editor writes `blue-star` as the name of every emoji that old editors do not know.
  if (bare && name === 'blue-star') return BY_NAME.get(bare) ?? `:${bare}:`;
  return BY_NAME.get(name) ?? BY_NAME.get(bare) ?? `:${bare || name}:`;
}

/** Standard emoji have their code points as id (`1f645-200d-2640-fe0f`), others a word or a UUID. */
function fromCodePoints(id: string): string | undefined {
  if (id.length > 100 || !/^[0-9a-f]{2,6}(?:-[0-9a-f]{2,6})*$/i.test(id)) return undefined;
  const points = id.split('-').map((point) => Number.parseInt(point, 16));
  if (points.some((point) => point > 0x10ffff)) return undefined;
  const emoji = String.fromCodePoint(...points);
  return PICTOGRAPH.test(emoji) ? emoji : undefined;
}
