import * as z from 'zod';
import { readHeadsById } from '../index/heads.ts';
import { may, type ToolContext } from './operation.ts';
import { notFound } from './problems.ts';

/** What tells in which space something is. */
export interface Whereabouts {
  readonly spaceId?: string | null | undefined;
  /** `_links.webui`: `/spaces/ENG/pages/123/Title`. */
  readonly webui?: string | undefined;
}

/** The key in a link of Confluence's, decoded. */
export function spaceKeyInLink(link: string | undefined): string | undefined {
  const key = /^(?:\/wiki)?\/(?:spaces|display)\/([^/?#]+)/.exec(link ?? '')?.[1];
  try {
    return key === undefined ? undefined : decodeURIComponent(key);
  } catch {
    return undefined;
  }
}

/** The key of the space that something is in, from its link or from what the sync knows. */
export async function spaceKeyOf(context: ToolContext, { spaceId, webui }: Whereabouts): Promise<string | undefined> {
  const inLink = spaceKeyInLink(webui);
  if (inLink !== undefined || !spaceId) return inLink;
  return (await context.spaces()).byId(spaceId)?.key;
}

/** Whether the tenant excluded this space. With exclusions, a space whose key nobody knows counts as excluded. */
export function isExcluded({ scope: { excludedKeys } }: Pick<ToolContext, 'scope'>, key: string | undefined): boolean {
  if (excludedKeys.length === 0) return false;
  return key === undefined || excludedKeys.some((excluded) => excluded.toLowerCase() === key.toLowerCase());
}

/** Whether content is a draft or in the trash: a link to a single one may find it, whatever its listing shows. */
export function isWithdrawn(status: unknown): boolean {
  return status === 'trashed' || status === 'deleted' || status === 'draft';
}

/** Leaves out what is in an excluded space. */
export async function withoutExcluded<T>(
  context: ToolContext,
  items: readonly T[],
  whereabouts: (item: T) => Whereabouts,
): Promise<T[]> {
  if (context.scope.excludedKeys.length === 0) return [...items];
  const keys = await Promise.all(items.map((item) => spaceKeyOf(context, whereabouts(item))));
  return items.filter((_, index) => !isExcluded(context, keys[index]));
}

const contentSchema = z.object({
  spaceId: z.string().optional(),
  _links: z.object({ webui: z.string().optional() }).default({}),
});

/**
 * Makes sure that a page or blog post is not in an excluded space, before something that hangs on it is read. Asks
 * Confluence only when the tenant has exclusions, the index does not know the page, and *pages* is on; otherwise what
 * cannot be told counts as excluded. Throws 404 `not_found_or_no_permission`.
 */
export async function assertNotExcluded(context: ToolContext, kind: 'pages' | 'blogposts', id: string): Promise<void> {
  if (context.scope.excludedKeys.length === 0) return;
  const key = (await keyInIndex(context, kind, id)) ?? (await keyInConfluence(context, kind, id));
  if (isExcluded(context, key)) throw notFound(`${kind === 'pages' ? 'Page' : 'Blog post'} ${id}`);
}

async function keyInIndex(context: ToolContext, kind: 'pages' | 'blogposts', id: string): Promise<string | undefined> {
  if (kind === 'blogposts') return undefined; // the index holds pages only
  const heads = await readHeadsById(context.deps, context.scope.tenantId, context.scope.cloudId, [id]);
  return spaceKeyOf(context, { spaceId: heads.get(id)?.spaceId });
}

async function keyInConfluence(
  context: ToolContext,
  kind: 'pages' | 'blogposts',
  id: string,
): Promise<string | undefined> {
  if (!may(context, 'pages')) return undefined;
  const content = contentSchema.safeParse(await context.confluence.get(`/wiki/api/v2/${kind}/${id}`));
  if (!content.success) return undefined;
  return spaceKeyOf(context, { spaceId: content.data.spaceId, webui: content.data._links.webui });
}
