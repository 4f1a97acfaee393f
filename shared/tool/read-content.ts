import * as z from 'zod';
import { AtlassianError } from '../atlassian/errors.ts';
import { type ConfluencePage, labelSchema, pageSchema } from '../atlassian/schemas.ts';
import { resolveReferences } from '../content/resolve.ts';
import { readPage } from '../index/read.ts';
import { withoutMentionNames } from './adf-names.ts';
import { type AttachmentView, indexedAttachments, listAttachments, wikiUrl } from './attachments.ts';
import { isExcluded, isWithdrawn, spaceKeyOf } from './fence.ts';
import { breadcrumbOf, referenceResolver } from './index-pages.ts';
import { markdownOf } from './markdown-cache.ts';
import { may, type ToolContext } from './operation.ts';
import { namesOf, type Person, personOf } from './people.ts';
import { notFound } from './problems.ts';
import { textWindow } from './text-window.ts';

export const FIELDS = ['body', 'breadcrumb', 'labels', 'attachments', 'people'] as const;
export type Field = (typeof FIELDS)[number];

export interface ReadOptions {
  readonly bodyFormat: 'markdown' | 'storage' | 'atlas_doc_format';
  readonly maxChars: number;
  readonly offset: number;
  readonly fields: readonly Field[];
}

/** A page or blog post in one answer. What was not asked for, or is not to be had, is absent. */
export interface ContentView {
  readonly title: string;
  readonly url: string;
  readonly status: string;
  readonly spaceId: string;
  readonly spaceKey?: string;
  readonly spaceName?: string;
  readonly parentId: string | null;
  readonly version: { readonly number: number; readonly createdAt: string };
  readonly createdAt: string;
  readonly lastModifiedAt: string;
  readonly author?: Person | null;
  readonly lastModifiedBy?: Person | null;
  readonly breadcrumb?: { pageId: string; title: string }[];
  readonly labels?: string[];
  readonly attachments?: AttachmentView[];
  readonly moreAttachments?: true;
  readonly source: 'confluence' | 'index';
  readonly indexedAt?: string;
  readonly missing?: string[];
  readonly bodyFormat?: ReadOptions['bodyFormat'];
  readonly body?: string;
  readonly offset?: number;
  readonly totalChars?: number;
  readonly nextOffset?: number;
}

const ATTACHMENTS_SHOWN = 50;

const sourceSchema = pageSchema.extend({
  labels: z
    .object({ results: z.array(z.unknown()) })
    .optional()
    .catch(undefined),
});
type Source = z.infer<typeof sourceSchema>;

/**
 * Reads a page or blog post with everything around it. The body's failure is the call's; a part around it that cannot
 * be read comes from the index or is named in `missing`.
 */
export async function readContent(
  context: ToolContext,
  kind: 'pages' | 'blogposts',
  id: string,
  options: ReadOptions,
): Promise<ContentView> {
  const wants = (field: Field) => options.fields.includes(field);
  const missing = new Set<string>();
  const attachmentsSoon = wants('attachments') ? attachmentsOf(context, kind, id, missing) : undefined;
  // Read beside the page; when the page fails nobody waits for it any more.
  attachmentsSoon?.catch(() => undefined);
  const source = await fetchContent(context, kind, id, options);
  const whereabouts = { spaceId: source.spaceId, webui: source._links.webui };
  const [spaceKey, directory] = await Promise.all([spaceKeyOf(context, whereabouts), context.spaces()]);
  if (isExcluded(context, spaceKey) || isWithdrawn(source.status)) {
    throw notFound(`${kind === 'pages' ? 'Page' : 'Blog post'} ${id}`);
  }
  // The body last: converting it keeps the processor busy while the others wait for the database.
  const [people, breadcrumb, attachments, body] = await Promise.all([
    wants('people') ? peopleOf(context, [source.authorId, source.version.authorId], missing) : undefined,
    wants('breadcrumb') && kind === 'pages' ? trailOf(context, source.parentId, missing) : undefined,
    attachmentsSoon,
    wants('body') ? bodyOf(context, source, spaceKey ?? '', options, missing) : undefined,
  ]);
  const labels = wants('labels') ? labelsOf(source, missing) : {};
  return {
    title: source.title,
    url: wikiUrl(context, source._links.webui ?? `/pages/viewpage.action?pageId=${id}`),
    status: source.status,
    spaceId: source.spaceId,
    ...named('spaceKey', spaceKey),
    ...named('spaceName', directory.byId(source.spaceId)?.name),
    parentId: source.parentId ?? null,
    version: { number: source.version.number, createdAt: source.version.createdAt },
    createdAt: source.createdAt,
    lastModifiedAt: source.version.createdAt,
    ...people,
    ...named('breadcrumb', breadcrumb),
    ...labels,
    ...attachments,
    source: 'confluence',
    ...(missing.size > 0 ? { missing: [...missing] } : {}),
    ...body,
  };
}

/** The page as the index holds it, marked so; `undefined` when it does not. */
export async function readContentFromIndex(
  context: ToolContext,
  pageId: string,
  options: ReadOptions,
): Promise<ContentView | undefined> {
  const page = await readPage(context.deps, context.scope, pageId);
  if (!page) return undefined;
  const wants = (field: Field) => options.fields.includes(field);
  const missing = new Set<string>();
  const directory = await context.spaces();
  const [body, people, breadcrumb, attachments] = await Promise.all([
    wants('body') ? resolved(context, page.markdown, pageId, missing) : undefined,
    wants('people') ? peopleOf(context, [page.authorId, page.lastModifiedById], missing) : undefined,
    wants('breadcrumb') ? trailOf(context, page.parentId, missing) : undefined,
    wants('attachments') && may(context, 'attachments') ? indexedAttachments(context, pageId) : undefined,
  ]);
  return {
    title: page.title,
    url: page.url,
    status: page.status,
    spaceId: page.spaceId,
    spaceKey: page.spaceKey,
    ...named('spaceName', directory.byId(page.spaceId)?.name),
    parentId: page.parentId,
    version: page.version,
    createdAt: page.createdAt,
    lastModifiedAt: page.lastModifiedAt,
    ...people,
    ...named('breadcrumb', breadcrumb),
    ...(wants('labels') ? { labels: [...page.labels] } : {}),
    ...(attachments ? shownOf(attachments) : {}),
    source: 'index',
    indexedAt: page.indexedAt,
    ...(missing.size > 0 ? { missing: [...missing] } : {}),
    ...(body === undefined ? {} : { bodyFormat: 'markdown', ...windowed(body, options) }),
  };
}

async function fetchContent(
  context: ToolContext,
  kind: 'pages' | 'blogposts',
  id: string,
  { bodyFormat, fields }: ReadOptions,
): Promise<Source> {
  const format = bodyFormat === 'atlas_doc_format' ? 'atlas_doc_format' : 'storage';
  const value = await context.confluence.get(`/wiki/api/v2/${kind}/${id}`, {
    'body-format': fields.includes('body') ? format : undefined,
    'include-labels': fields.includes('labels') ? true : undefined,
  });
  const parsed = sourceSchema.safeParse(value);
  if (!parsed.success) throw new AtlassianError('malformed', `/${kind}/{id} has another form than documented`);
  return parsed.data;
}

async function bodyOf(
  context: ToolContext,
  source: ConfluencePage,
  spaceKey: string,
  options: ReadOptions,
  missing: Set<string>,
) {
  const { bodyFormat } = options;
  const { storage, atlas_doc_format: adf } = source.body;
  if (bodyFormat === 'storage') return { bodyFormat, ...windowed(storage?.value ?? '', options) };
  if (bodyFormat === 'atlas_doc_format') {
    const value = adf?.value ?? '';
    return { bodyFormat, ...windowed(may(context, 'users') ? value : withoutMentionNames(value), options) };
  }
  const site = { siteUrl: `${context.site.url}/wiki`, spaceKey, pageId: source.id };
  const markdown = markdownOf(storage?.value ?? '', site);
  return { bodyFormat, ...windowed(await resolved(context, markdown, source.id, missing), options) };
}

async function resolved(context: ToolContext, markdown: string, pageId: string, missing: Set<string>): Promise<string> {
  const resolver = referenceResolver(context);
  const body = await resolveReferences(markdown, resolver, { pageId });
  if (!resolver.namesComplete()) missing.add('names');
  return body;
}

function windowed(body: string, { offset, maxChars }: ReadOptions) {
  const { text, ...place } = textWindow(body, offset, maxChars);
  return { ...place, body: text };
}

async function peopleOf(
  context: ToolContext,
  [authorId, lastModifiedById]: [string | null | undefined, string | null | undefined],
  missing: Set<string>,
) {
  const names = await namesOf(context, [authorId, lastModifiedById]);
  if (!names.complete) missing.add('names');
  return { author: personOf(authorId, names), lastModifiedBy: personOf(lastModifiedById, names) };
}

async function trailOf(context: ToolContext, parentId: string | null | undefined, missing: Set<string>) {
  try {
    const { trail, complete } = await breadcrumbOf(context, parentId);
    if (!complete) missing.add('breadcrumb');
    return trail;
  } catch (error) {
    context.deps.log.warn('tool_breadcrumb_failed', { tenantId: context.scope.tenantId, error });
    missing.add('breadcrumb');
    return undefined;
  }
}

async function attachmentsOf(
  context: ToolContext,
  kind: 'pages' | 'blogposts',
  id: string,
  missing: Set<string>,
): Promise<Pick<ContentView, 'attachments' | 'moreAttachments'>> {
  if (!may(context, 'attachments')) return {};
  try {
    const { attachments, nextCursor } = await listAttachments(context, kind, id, { limit: ATTACHMENTS_SHOWN });
    return { attachments: [...attachments], ...(nextCursor === undefined ? {} : { moreAttachments: true }) };
  } catch (error) {
    if (!(error instanceof AtlassianError)) throw error;
    const stored = kind === 'pages' ? await indexedAttachments(context, id) : [];
    if (stored.length > 0) return shownOf(stored);
    missing.add('attachments');
    return {};
  }
}

function shownOf(attachments: AttachmentView[]): Pick<ContentView, 'attachments' | 'moreAttachments'> {
  return {
    attachments: attachments.slice(0, ATTACHMENTS_SHOWN),
    ...(attachments.length > ATTACHMENTS_SHOWN ? { moreAttachments: true } : {}),
  };
}

/** `my` labels are private to the person who connected. */
function labelsOf({ labels }: Source, missing: Set<string>): Pick<ContentView, 'labels'> {
  if (!labels) {
    missing.add('labels');
    return {};
  }
  const read = labels.results.flatMap((raw) => {
    const label = labelSchema.safeParse(raw);
    return label.success && label.data.prefix !== 'my' ? [label.data.name] : [];
  });
  return { labels: read };
}

function named<K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]?: V });
}
