import * as z from 'zod';

/** Arguments and results that several operations share, in the words that a model reads. */

export const pageIdArgument = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  .describe('The page: its numeric id, its URL as copied from a browser (any form), or its exact title.');

export const blogpostIdArgument = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  .describe('The blog post: its numeric id, its URL as copied from a browser, or its exact title.');

export const attachmentIdArgument = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  .describe('The attachment: its id (att123…), or the URL of the file or of its preview.');

export const spaceIdArgument = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  .describe('The space by its numeric id; spaceKey does as well.');

export const spaceKeyArgument = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  .describe('The space by its key (for example ENG, or ~712020ab for a personal space), its name or its URL.');

export const cursorArgument = z
  .string()
  .min(1)
  .max(4_000)
  .optional()
  .describe('To go on: nextCursor of the previous answer; repeat the other arguments.');

export function limitArgument(fallback: number, max: number) {
  return z.int().min(1).max(max).default(fallback).describe(`How many at most, 1 to ${max}.`);
}

const BODY_CHARS_DEFAULT = 20_000;
export const BODY_CHARS_MAX = 500_000;

export const maxCharsArgument = z
  .int()
  .min(100)
  .max(BODY_CHARS_MAX)
  .default(BODY_CHARS_DEFAULT)
  .describe('The body is cut after this many characters; nextOffset then says where to go on.');

export const offsetArgument = z
  .int()
  .min(0)
  .max(100_000_000)
  .default(0)
  .describe('Where in the body to begin: 0, or nextOffset of the previous answer.');

export const bodyFormatArgument = z
  .enum(['markdown', 'storage', 'atlas_doc_format'])
  .default('markdown')
  .describe('Markdown reads best. storage (XHTML) and atlas_doc_format (JSON) are Confluence’s own, for exact markup.');

export const nextCursorShape = z.string().optional().describe('Present when there is more.');

export const personShape = z
  .object({ accountId: z.string(), name: z.string().optional() })
  .nullable()
  .describe('name only while the group users is on');

export const versionShape = z.object({
  number: z.int(),
  createdAt: z.string(),
  message: z.string().optional(),
  minorEdit: z.boolean().optional(),
});

export const spaceShape = {
  spaceId: z.string(),
  spaceKey: z.string().optional(),
  spaceName: z.string().optional(),
};

export const attachmentShape = z.object({
  id: z.string(),
  fileName: z.string(),
  mediaType: z.string().nullable(),
  sizeBytes: z.number().nullable(),
  url: z.string().describe('Opens for people who are signed in.'),
});

/** Lists may be narrowed to a space, named in one of two ways. */
export function atMostOneSpace(
  { spaceKey, spaceId }: { spaceKey?: string | undefined; spaceId?: string | undefined },
  issues: z.RefinementCtx,
): void {
  if (spaceKey === undefined || spaceId === undefined) return;
  issues.addIssue({ code: 'custom', path: ['spaceKey'], message: 'or spaceId: give at most one of the two' });
}
