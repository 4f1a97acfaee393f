import { readHeadsById } from '../index/heads.ts';
import { withoutMentionNames } from './adf-names.ts';
import { isExcluded, isWithdrawn, spaceKeyInLink, spaceKeyOf } from './fence.ts';
import { may, type ToolContext } from './operation.ts';
import { notFound } from './problems.ts';
import { EXCERPT_MAX_CHARS, isContentType } from './search-content.ts';
import { clip } from './text-window.ts';

type Json = Readonly<Record<string, unknown>>;

const SEARCH = '/wiki/rest/api/search';

/**
 * What of Confluence's answer an agent may see: nothing of excluded spaces, no drafts, nothing from the trash, no private
 * labels, and no names while *users* is off. A list loses single entries; a single thing in an excluded space counts as not there.
 *
 * @param isBelowVisible the path hangs on something that is known not to be excluded
 */
export async function visibleAnswer(
  context: ToolContext,
  path: string,
  answer: unknown,
  { isBelowVisible = false } = {},
): Promise<unknown> {
  const cleaned = clean(context, path === SEARCH ? onlyContent(answer) : answer);
  if (!isObject(cleaned)) return cleaned;
  const items: readonly unknown[] = Array.isArray(cleaned.results) ? cleaned.results : [cleaned];
  const present = items.filter((item) => !isObject(item) || !isWithdrawn(item.status));
  const visible = isBelowVisible ? present : await withoutExcludedItems(context, present);
  if (Array.isArray(cleaned.results)) return { ...cleaned, results: visible };
  if (visible.length === 0) throw notFound('What you asked for');
  return cleaned;
}

async function withoutExcludedItems(context: ToolContext, items: readonly unknown[]): Promise<readonly unknown[]> {
  if (context.scope.excludedKeys.length === 0) return items;
  const pageSpaces = await spacesOfPages(context, items);
  const visible = await Promise.all(items.map((item) => isVisible(context, item, pageSpaces)));
  return items.filter((_, index) => visible[index]);
}

const CONTENT_MEMBERS = ['id', 'type', 'status', 'title', '_links'];

/**
 * Search also knows people and spaces, which belong to other groups, and could be made to carry bodies, histories with
 * people in them, or excerpts as long as a page: what is handed out of a hit is named here.
 */
function onlyContent(answer: unknown): unknown {
  if (!isObject(answer) || !Array.isArray(answer.results)) return answer;
  const results = answer.results.flatMap((hit) => {
    if (!isObject(hit) || !isObject(hit.content) || !isContentType(hit.content.type)) return [];
    const content = Object.fromEntries(Object.entries(hit.content).filter(([name]) => CONTENT_MEMBERS.includes(name)));
    const excerpt = text(hit.excerpt);
    return [{ ...hit, content, ...(excerpt === undefined ? {} : { excerpt: clip(excerpt, EXCERPT_MAX_CHARS) }) }];
  });
  return { ...answer, results };
}

/** By its own space or link, or by its page's; what tells neither hangs on something that was checked before. */
async function isVisible(
  context: ToolContext,
  item: unknown,
  pageSpaces: ReadonlyMap<string, string | undefined>,
): Promise<boolean> {
  if (!isObject(item)) return true;
  if (typeof item.key === 'string' && typeof item.type === 'string') return !isExcluded(context, item.key);
  if (isObject(item.resultGlobalContainer)) {
    return !isExcluded(context, spaceKeyInLink(text(item.resultGlobalContainer.displayUrl)));
  }
  if ('pageId' in item || 'blogPostId' in item) {
    return !isExcluded(context, pageSpaces.get(text(item.pageId) ?? ''));
  }
  const webui = isObject(item._links) ? text(item._links.webui) : undefined;
  if (item.spaceId === undefined && spaceKeyInLink(webui) === undefined) return true;
  return !isExcluded(context, await spaceKeyOf(context, { spaceId: text(item.spaceId), webui }));
}

/** The space keys of the pages that attachments hang on, from the index. */
async function spacesOfPages(
  context: ToolContext,
  items: readonly unknown[],
): Promise<Map<string, string | undefined>> {
  const ids = items.flatMap((item) => (isObject(item) && text(item.pageId)) || []);
  if (ids.length === 0) return new Map();
  const heads = await readHeadsById(context.deps, context.scope.tenantId, context.scope.cloudId, ids);
  const directory = await context.spaces();
  return new Map([...heads].map(([pageId, { spaceId }]) => [pageId, directory.byId(spaceId)?.key]));
}

/**
 * Copies JSON without private labels, without the names in mentions while *users* is off, and without `_expandable`,
 * which lists what `expand` could add if it were ever sent.
 */
function clean(context: ToolContext, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((item) => !isPrivateLabel(item)).map((item) => clean(context, item));
  }
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([name]) => name !== '_expandable');
  return Object.fromEntries(
    members.map(([name, member]) => {
      const isAdf = name === 'atlas_doc_format' && isObject(member) && typeof member.value === 'string';
      if (isAdf && !may(context, 'users'))
        return [name, { ...member, value: withoutMentionNames(member.value as string) }];
      return [name, clean(context, member)];
    }),
  );
}

function isPrivateLabel(item: unknown): boolean {
  return isObject(item) && item.prefix === 'my' && typeof item.name === 'string';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
