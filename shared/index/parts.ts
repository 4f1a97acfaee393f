import type { OperationInput } from '@azure/cosmos';
import { runBulk } from '../platform/bulk.ts';
import type { Deps } from '../platform/deps.ts';
import { fetchAll } from '../platform/query.ts';
import type { PageItem } from './page.ts';
import { searchKeysOf } from './search/search-keys.ts';

/** A piece of a body that is too large for one item. Found by the head's key only. */
export interface PartItem {
  /** `{head id}:{key}:{number}` */
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'part';
  readonly cloudId: string;
  readonly pageId: string;
  readonly key: string;
  readonly number: number;
  readonly body: string;
  readonly text: string;
  /** Where `text` begins in the page's whole plain text. */
  readonly textOffset: number;
  readonly searchKeys: string;
  /** The head's, so that a search filters its parts as well; the head has the last word. */
  readonly spaceKey: string;
  readonly authorId: string | null;
  readonly lastModifiedAt: string;
  readonly ttl?: number;
}

/** Which parts a head has: `count` items under `key`. */
export interface PartsRef {
  readonly key: string;
  readonly count: number;
}

/** Items stay cheap up to 64 KB: a write of 1 MB costs 625 request units, one of 64 KB 23. */
const MAX_ITEM_BODY_BYTES = 60 * 1024;

/** How long the parts of a replaced version stay: longer than any reader needs to fetch them. */
const OLD_PARTS_TTL_SECONDS = 600;

/**
 * Splits a page whose body is too large: a head without body and the parts to write before it. The key holds the
 * version's date and the content's hash, so parts of two versions, or of two conversions of one version, never mix.
 */
export function splitPage<P extends Omit<PageItem, 'labels' | 'indexedAt'>>(page: P): { head: P; parts: PartItem[] } {
  if (Buffer.byteLength(page.body) + Buffer.byteLength(page.text) <= MAX_ITEM_BODY_BYTES) {
    return { head: page, parts: [] };
  }
  const key = `${page.version.createdAt}-${page.contentHash.slice(0, 12)}`;
  const bodies = splitText(page.body, MAX_ITEM_BODY_BYTES / 2);
  const texts = splitText(page.text, MAX_ITEM_BODY_BYTES / 2);
  const textOffsets = startsOf(texts);
  const count = Math.max(bodies.length, texts.length);
  const parts = Array.from(
    { length: count },
    (_, number): PartItem => ({
      id: partId(page.id, key, number),
      tenantId: page.tenantId,
      type: 'part',
      cloudId: page.cloudId,
      pageId: page.pageId,
      key,
      number,
      body: bodies[number] ?? '',
      text: texts[number] ?? '',
      textOffset: textOffsets[number] ?? page.text.length,
      searchKeys: searchKeysOf('', texts[number] ?? ''),
      spaceKey: page.spaceKey,
      authorId: page.authorId,
      lastModifiedAt: page.lastModifiedAt,
    }),
  );
  const searchKeys = searchKeysOf(page.title, '');
  return { head: { ...page, body: '', text: '', searchKeys, parts: { key, count } }, parts };
}

/** The whole body of a head. `undefined` when parts are gone because the head was replaced meanwhile: read it again. */
export async function joinBody(deps: Pick<Deps, 'pages'>, head: PageItem): Promise<string | undefined> {
  if (!head.parts) return head.body;
  const { key, count } = head.parts;
  const ids = Array.from({ length: count }, (_, number) => partId(head.id, key, number));
  const rows = await fetchAll<Pick<PartItem, 'number' | 'body'>>(deps.pages, head.tenantId, {
    select: 'c.number, c.body',
    where: 'c.type = "part" AND c.cloudId = @cloudId AND ARRAY_CONTAINS(@ids, c.id)',
    parameters: { cloudId: head.cloudId, ids },
    maxItemCount: 50,
  });
  if (rows.length !== count) return undefined;
  return rows
    .sort((a, b) => a.number - b.number)
    .map(({ body }) => body)
    .join('');
}

/** Lets the parts of a replaced head expire. Safe to repeat. */
export async function expireParts(
  deps: Pick<Deps, 'pages'>,
  tenantId: string,
  headId: string,
  { key, count }: PartsRef,
): Promise<void> {
  await runBulk(
    deps.pages,
    Array.from(
      { length: count },
      (_, number): OperationInput => ({
        operationType: 'Patch',
        id: partId(headId, key, number),
        partitionKey: tenantId,
        resourceBody: { operations: [{ op: 'set', path: '/ttl', value: OLD_PARTS_TTL_SECONDS }] },
      }),
    ),
  );
}

function partId(headId: string, key: string, number: number): string {
  return `${headId}:${key}:${number}`;
}

function startsOf(pieces: readonly string[]): number[] {
  let start = 0;
  return pieces.map((piece) => {
    start += piece.length;
    return start - piece.length;
  });
}

/** Cuts by UTF-8 size without splitting a character. */
function splitText(text: string, maxBytes: number): string[] {
  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + maxBytes, bytes.length);
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
    pieces.push(bytes.toString('utf8', start, end));
    start = end;
  }
  return pieces;
}
