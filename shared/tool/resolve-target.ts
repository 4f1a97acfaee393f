import { AtlassianError } from '../atlassian/errors.ts';
import { getListPage } from '../atlassian/list.ts';
import { pageSchema, spaceSchema } from '../atlassian/schemas.ts';
import { pagesByTitle } from '../index/read.ts';
import { invalidArguments } from '../platform/http-function.ts';
import { isExcluded, spaceKeyInLink, withoutExcluded } from './fence.ts';
import { may, type ToolContext } from './operation.ts';
import { groupDisabled, notFound } from './problems.ts';
import { readTarget, type Target } from './targets.ts';

const KINDS = {
  pageId: { path: '/wiki/api/v2/pages', noun: 'page', operation: 'confluence_get_page' },
  blogpostId: { path: '/wiki/api/v2/blogposts', noun: 'blog post', operation: 'confluence_get_blogpost' },
} as const;

type ContentField = keyof typeof KINDS;

/** The id of the page or blog post that an argument names by id, URL or title. */
export async function resolveContentId(context: ToolContext, field: ContentField, text: string): Promise<string> {
  const target = readTarget(field, text, context.site.url);
  switch (target.kind) {
    case 'id':
      return target.id;
    case 'blogpost':
      if (field === 'blogpostId') return target.id;
      throw wrong(field, `is a blog post: call confluence_get_blogpost with blogpostId ${target.id}`);
    case 'file':
      return target.pageId;
    case 'attachment':
      throw wrong(field, 'is an attachment: call confluence_get_attachment with it');
    case 'space':
      return homepageId(context, field, target.spaceKey);
    case 'title':
      return idOfTitle(context, field, target);
  }
}

/** Exactly one of `pageId` and `blogpostId`, resolved. */
export async function resolvePageOrPost(
  context: ToolContext,
  args: { pageId?: string | undefined; blogpostId?: string | undefined },
): Promise<{ kind: 'pages' | 'blogposts'; id: string }> {
  if (args.pageId !== undefined) {
    return { kind: 'pages', id: await resolveContentId(context, 'pageId', args.pageId) };
  }
  return { kind: 'blogposts', id: await resolveContentId(context, 'blogpostId', args.blogpostId ?? '') };
}

async function idOfTitle(
  context: ToolContext,
  field: ContentField,
  { title, spaceKey }: Extract<Target, { kind: 'title' }>,
): Promise<string> {
  const { path, noun, operation } = KINDS[field];
  if (!may(context, 'pages')) throw groupDisabled('pages', `Finding a ${noun} by its title`);
  if (title.length > 255 || /\p{Cc}/u.test(title)) throw wrong(field, 'is neither an id, a URL nor a title');
  const space = spaceKey === undefined ? undefined : await resolveSpace(context, { spaceKey });
  const query = { title, 'space-id': space?.spaceId, status: 'current', limit: 10 };
  const found = await withTitle(context, path, query);
  const [first, ...others] = found;
  if (!first) {
    throw notFound(
      `A ${noun} with exactly the title ${JSON.stringify(title)}`,
      'Search for it with confluence_search.',
    );
  }
  if (others.length === 0) return first.id;
  const choices = found.map((page) => `${page.id} (space ${page.spaceId})`).join(', ');
  throw wrong(field, `fits several: call ${operation} with one of the ids ${choices}`);
}

/** What has this title in Confluence or, while that throttles or fails, in the index, which holds pages only. */
async function withTitle(
  context: ToolContext,
  path: string,
  query: { title: string; 'space-id': string | undefined; status: string; limit: number },
): Promise<{ id: string; spaceId: string }[]> {
  try {
    const { items } = await getListPage(context.confluence, path, query, pageSchema);
    return await withoutExcluded(context, items, ({ spaceId, _links }) => ({ spaceId, webui: _links.webui }));
  } catch (error) {
    if (!(error instanceof AtlassianError && error.transient) || path !== KINDS.pageId.path) throw error;
    const pages = await pagesByTitle(context.deps, context.scope, [query.title]);
    const wanted = pages.filter(({ spaceId }) => (query['space-id'] ?? spaceId) === spaceId);
    if (wanted.length === 0) throw error;
    return wanted.map(({ pageId, spaceId }) => ({ id: pageId, spaceId }));
  }
}

async function homepageId(context: ToolContext, field: ContentField, spaceKey: string): Promise<string> {
  const space = await resolveSpace(context, { spaceKey });
  if (field === 'pageId' && space.homepageId) return space.homepageId;
  throw wrong(
    field,
    `is the space ${spaceKey}, not a ${KINDS[field].noun}: call confluence_list_pages with its spaceKey`,
  );
}

export interface ResolvedSpace {
  readonly spaceId: string;
  /** Unknown for a space that is named by id and that the sync does not hold. */
  readonly key?: string;
  readonly homepageId?: string | null;
}

/** The space that an argument names by id, key, name or URL. Throws 404 when it is not visible or excluded. */
export async function resolveSpace(
  context: ToolContext,
  args: { spaceId?: string | undefined; spaceKey?: string | undefined },
): Promise<ResolvedSpace> {
  const field = args.spaceId === undefined ? 'spaceKey' : 'spaceId';
  const named = spaceNameOf(field, args.spaceId ?? args.spaceKey ?? '', context.site.url);
  const directory = await context.spaces();
  const known = directory.byKey(named) ?? directory.byId(named) ?? directory.byName(named);
  const space =
    known ?? (/^\d{1,20}$/.test(named) ? await spaceOfId(context, named) : await fetchSpace(context, named));
  if (!space || (space.key !== undefined && isExcluded(context, space.key)))
    throw notFound(`Space ${named.slice(0, 100)}`);
  return space;
}

/** The key, id or name in an argument, taken out of a URL if it is one. */
function spaceNameOf(field: string, text: string, siteUrl: string): string {
  const target = readTarget(field, text, siteUrl);
  if (target.kind === 'title') return target.title;
  if (target.kind === 'id') return text.includes('/') ? spaceKeyInUrl(field, text, siteUrl) : target.id;
  return target.kind === 'space' ? target.spaceKey : spaceKeyInUrl(field, text, siteUrl);
}

/** The address of a page inside the space will do as well. */
function spaceKeyInUrl(field: string, text: string, siteUrl: string): string {
  const key = spaceKeyInLink(new URL(text, siteUrl).pathname);
  if (key === undefined) throw wrong(field, 'is a URL that names no space');
  return key;
}

/** An id is taken as it is, unless it could be that of an excluded space. */
async function spaceOfId(context: ToolContext, spaceId: string): Promise<ResolvedSpace | undefined> {
  if (context.scope.excludedKeys.length === 0) return { spaceId };
  if (!may(context, 'spaces')) return undefined;
  const space = spaceSchema.safeParse(await context.confluence.get(`/wiki/api/v2/spaces/${spaceId}`));
  return space.success ? { spaceId, key: space.data.key, homepageId: space.data.homepageId ?? null } : undefined;
}

async function fetchSpace(context: ToolContext, key: string): Promise<ResolvedSpace | undefined> {
  if (!/^~?[\w:.-]{1,255}$/.test(key)) return undefined;
  if (!may(context, 'spaces'))
    throw groupDisabled('spaces', `Finding the space ${key}, which is not synced, by its key`);
  const query = { keys: key, limit: 2 };
  const { items } = await getListPage(context.confluence, '/wiki/api/v2/spaces', query, spaceSchema);
  const space = items.find((item) => item.key.toLowerCase() === key.toLowerCase());
  return space && { spaceId: space.id, key: space.key, homepageId: space.homepageId ?? null };
}

function wrong(field: string, problem: string) {
  return invalidArguments([{ field, problem }]);
}

/** The key of a space that an argument names by key, name or URL, without asking Confluence: a search takes any key. */
export async function resolveSpaceKey(context: ToolContext, text: string): Promise<string> {
  const named = spaceNameOf('spaceKey', text, context.site.url);
  const directory = await context.spaces();
  const known = directory.byKey(named) ?? directory.byName(named) ?? directory.byId(named);
  const key = known?.key ?? named;
  if (isExcluded(context, key)) throw notFound(`Space ${key.slice(0, 100)}`);
  return key;
}
