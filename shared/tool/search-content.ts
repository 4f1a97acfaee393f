import * as z from 'zod';
import { AtlassianError } from '../atlassian/errors.ts';
import type { Query } from '../atlassian/gateway.ts';
import { cursorOf } from '../atlassian/list.ts';
import { searchSchema } from '../atlassian/schemas.ts';
import { wikiUrl } from './attachments.ts';
import { type CqlParts, fenceCql, type SearchFilters } from './cql.ts';
import { isExcluded, spaceKeyInLink } from './fence.ts';
import type { ToolContext } from './operation.ts';
import { plainText } from './plain-text.ts';
import { clip } from './text-window.ts';

const CONTENT_TYPES = ['page', 'blogpost', 'attachment'] as const;
export type ContentType = (typeof CONTENT_TYPES)[number];

/** Whether a hit is content, and not a person or a space. */
export function isContentType(type: unknown): type is ContentType {
  return CONTENT_TYPES.some((known) => known === type);
}

/** A hit of Confluence's search: where it is and an excerpt, never a body. */
export interface ContentHit {
  readonly type: ContentType;
  readonly id: string;
  /** The id once more, under the name of the argument that takes it. */
  readonly pageId?: string;
  readonly blogpostId?: string;
  readonly attachmentId?: string;
  readonly title: string;
  readonly url: string;
  readonly spaceKey?: string;
  readonly spaceName?: string;
  readonly excerpt: string;
  readonly lastModifiedAt?: string;
}

const ID_NAMES = { page: 'pageId', blogpost: 'blogpostId', attachment: 'attachmentId' } as const;

const hitSchema = z.object({
  content: z.object({
    id: z.string(),
    type: z.enum(CONTENT_TYPES),
    title: z.string().default(''),
    status: z.string().optional(),
    _links: z.object({ webui: z.string().optional() }).default({}),
  }),
  title: z.string().optional(),
  excerpt: z.string().nullish(),
  url: z.string().optional(),
  resultGlobalContainer: z.object({ title: z.string().optional(), displayUrl: z.string().optional() }).nullish(),
  lastModified: z.string().nullish(),
});

/** An excerpt is Confluence's to cut; this bounds what a surprise could let through. */
export const EXCERPT_MAX_CHARS = 500;

/**
 * Sends a search with its fence. A space that was excluded and is gone by now may make Confluence refuse the whole
 * query, so a refused one is sent once more without the exclusions; its hits are checked either way.
 */
export async function sendFenced(
  context: ToolContext,
  parts: CqlParts,
  filters: SearchFilters,
  rest: Query,
): Promise<unknown> {
  const { excludedKeys } = context.scope;
  const send = (keys: readonly string[]) =>
    context.confluence.get('/wiki/rest/api/search', { ...rest, cql: fenceCql(parts, filters, keys) });
  try {
    return await send(excludedKeys);
  } catch (error) {
    const refused = error instanceof AtlassianError && error.kind === 'bad_request';
    if (!refused || excludedKeys.length === 0) throw error;
    return send([]);
  }
}

/**
 * Searches Confluence. Hits of any other kind than content (people, spaces) and hits in excluded
 * spaces are dropped here, whatever the fence in the CQL let through.
 */
export async function searchContent(
  context: ToolContext,
  parts: CqlParts,
  filters: SearchFilters,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ results: ContentHit[]; nextCursor: string | undefined }> {
  const answer = await sendFenced(context, parts, filters, { limit, cursor, excerpt: 'highlight_unescaped' });
  const envelope = searchSchema.safeParse(answer);
  if (!envelope.success) throw new AtlassianError('malformed', 'search has another form than documented');
  const results = envelope.data.results.flatMap((raw) => {
    const hit = hitSchema.safeParse(raw);
    return hit.success ? hitView(context, hit.data) : [];
  });
  return { results, nextCursor: cursorOf(envelope.data._links.next) };
}

function hitView(context: ToolContext, hit: z.infer<typeof hitSchema>): ContentHit[] {
  const { content, resultGlobalContainer: space } = hit;
  const link = hit.url ?? content._links.webui ?? '';
  const spaceKey = spaceKeyInLink(space?.displayUrl) ?? spaceKeyInLink(link);
  if (isExcluded(context, spaceKey)) return [];
  return [
    {
      type: content.type,
      id: content.id,
      [ID_NAMES[content.type]]: content.id,
      title: plainText(hit.title ?? content.title),
      url: wikiUrl(context, link),
      ...(spaceKey === undefined ? {} : { spaceKey }),
      ...(space?.title ? { spaceName: plainText(space.title) } : {}),
      excerpt: clip(plainText(hit.excerpt ?? ''), EXCERPT_MAX_CHARS),
      ...(hit.lastModified ? { lastModifiedAt: hit.lastModified } : {}),
    },
  ];
}
