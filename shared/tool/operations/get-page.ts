import * as z from 'zod';
import { AtlassianError } from '../../atlassian/errors.ts';
import { defineOperation, type ToolContext } from '../operation.ts';
import { notFound } from '../problems.ts';
import { type ContentView, FIELDS, type ReadOptions, readContent, readContentFromIndex } from '../read-content.ts';
import { resolveContentId } from '../resolve-target.ts';
import {
  attachmentShape,
  bodyFormatArgument,
  maxCharsArgument,
  offsetArgument,
  pageIdArgument,
  personShape,
  spaceShape,
  versionShape,
} from '../shapes.ts';

export const fieldsArgument = z
  .array(z.enum(FIELDS))
  .default([...FIELDS])
  .describe('Which parts to fetch beside the title; by default all. Without body the answer is small.');

/** What a page and a blog post have in common. */
export const contentShape = {
  title: z.string(),
  url: z.string(),
  status: z.string(),
  ...spaceShape,
  version: versionShape,
  createdAt: z.string(),
  lastModifiedAt: z.string(),
  author: personShape.optional(),
  lastModifiedBy: personShape.optional(),
  labels: z.array(z.string()).optional(),
  attachments: z.array(attachmentShape).optional().describe('The first 50, while the group attachments is on.'),
  moreAttachments: z.literal(true).optional().describe('There are more: confluence_list_attachments gives them.'),
  source: z.enum(['confluence', 'index']).describe('index: Confluence did not answer; the copy of indexedAt.'),
  indexedAt: z.string().optional(),
  missing: z.array(z.string()).optional().describe('Parts that could not be read now.'),
  bodyFormat: z.enum(['markdown', 'storage', 'atlas_doc_format']).optional(),
  offset: z.int().optional(),
  totalChars: z.int().optional().describe('Length of the whole body.'),
  nextOffset: z.int().optional().describe('Present when the body goes on: call again with this offset.'),
  body: z.string().optional(),
};

export const getPage = defineOperation({
  name: 'confluence_get_page',
  group: 'pages',
  title: 'Read a Confluence page',
  description:
    'Reads one wiki page of Confluence whole: title, space, breadcrumb, author, dates, labels, attachments and the body as Markdown. ' +
    'Use it when you know which page you want, usually after confluence_search_index or confluence_search. ' +
    'pageId may be an id, a page URL or an exact title. A long body comes in pieces: call again with offset = nextOffset. ' +
    'Example: {"pageId": "https://acme.atlassian.net/wiki/spaces/IT/pages/98305/VPN+setup"}.',
  input: z.strictObject({
    pageId: pageIdArgument,
    bodyFormat: bodyFormatArgument,
    maxChars: maxCharsArgument,
    offset: offsetArgument,
    fields: fieldsArgument,
  }),
  output: z.object({
    pageId: z.string(),
    ...contentShape,
    parentId: z.string().nullable(),
    breadcrumb: z
      .array(z.object({ pageId: z.string(), title: z.string() }))
      .optional()
      .describe('From the top of the space down to the parent.'),
  }),
  async run(context, { pageId, ...options }) {
    const id = await resolveContentId(context, 'pageId', pageId);
    return { pageId: id, ...(await readLiveOrIndexed(context, id, options)) };
  },
});

const NOT_A_PAGE = 'Search for it, or if it is a blog post call confluence_get_blogpost.';

/** While Confluence throttles or fails, an older copy is better than none; what it refuses stays refused. */
async function readLiveOrIndexed(context: ToolContext, id: string, options: ReadOptions): Promise<ContentView> {
  try {
    return await readContent(context, 'pages', id, options);
  } catch (error) {
    if (!(error instanceof AtlassianError)) throw error;
    if (error.kind === 'not_found') throw notFound(`Page ${id}`, NOT_A_PAGE);
    if (!error.transient) throw error;
    const indexed = await readContentFromIndex(context, id, options);
    if (!indexed) throw error;
    return indexed;
  }
}
