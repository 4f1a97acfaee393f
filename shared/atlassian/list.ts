import type * as z from 'zod';
import { AtlassianError } from './errors.ts';
import type { Gateway, Query } from './gateway.ts';
import { listSchema } from './schemas.ts';

/** An item that did not fit its schema: recorded and skipped, and counted as seen, never as absent. */
export interface MisfitItem {
  /** Its id when that much could be read. */
  readonly id: string | undefined;
  /** What was wrong, by member; no content. */
  readonly problem: string;
}

/** One API page of a listing. */
export interface ListPage<T> {
  readonly items: readonly T[];
  readonly misfits: readonly MisfitItem[];
  /** Absent on the last page. A page shorter than `limit`, even an empty one, is not the end. */
  readonly nextCursor: string | undefined;
}

/**
 * Gets one API page. The next page's cursor is read out of Confluence's link and put into our own URL by the next
 * call: the link itself names the site's host and lacks the gateway's prefix, so following it would lose the site or
 * send the token to another host.
 *
 * @throws {AtlassianError} `malformed` when the envelope does not fit or the cursor is the one just used (a listing
 * that repeats a cursor never ends).
 */
export async function getListPage<T>(
  gateway: Gateway,
  path: string,
  query: Query & { cursor?: string | undefined },
  itemSchema: z.ZodType<T>,
): Promise<ListPage<T>> {
  const envelope = listSchema.safeParse(await gateway.get(path, query));
  if (!envelope.success) throw new AtlassianError('malformed', `the listing ${path} has another form than documented`);
  const nextCursor = cursorOf(envelope.data._links.next);
  if (nextCursor !== undefined && nextCursor === query.cursor) {
    throw new AtlassianError('malformed', `the listing ${path} repeats its cursor`);
  }
  return { ...fit(envelope.data.results, itemSchema), nextCursor };
}

/** Sorts raw items into those that fit and those that do not. */
export function fit<T>(raw: readonly unknown[], itemSchema: z.ZodType<T>): Pick<ListPage<T>, 'items' | 'misfits'> {
  const items: T[] = [];
  const misfits: MisfitItem[] = [];
  for (const value of raw) {
    const parsed = itemSchema.safeParse(value);
    if (parsed.success) items.push(parsed.data);
    else misfits.push({ id: idOf(value), problem: describe(parsed.error) });
  }
  return { items, misfits };
}

/** The cursor out of a next link, decoded once; it need not be the last parameter. */
export function cursorOf(next: string | undefined): string | undefined {
  if (!next) return undefined;
  const cursor = new URL(next, 'https://site.invalid').searchParams.get('cursor');
  if (cursor === null || cursor === '') throw new AtlassianError('malformed', 'a next link without a cursor');
  return cursor;
}

function idOf(value: unknown): string | undefined {
  const id = (value as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'string' ? id : undefined;
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'item'}: ${issue.message}`).join('; ');
}
