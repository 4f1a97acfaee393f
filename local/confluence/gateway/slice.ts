import type { Answer } from '../http/exchange.ts';
import type { Call } from './call.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { answerPage } from './listing.ts';
import { intParameter } from './parameters.ts';

/** Answers one page of a list that is at hand as an array. Its cursors count items. */
export function answerSlice<Item>(call: Call, items: readonly Item[], toItem: (item: Item) => object): Answer {
  const limit = intParameter(call.query, 'limit', 1, 250) ?? 25;
  const cursor = call.query.get('cursor');
  const from = cursor ? (decodeCursor(cursor, 'offset').position?.id ?? 0) : 0;
  const until = from + limit;
  const next = until < items.length ? encodeCursor('offset', { id: until, value: until }) : undefined;
  return answerPage(call, items.slice(from, until).map(toItem), next);
}
