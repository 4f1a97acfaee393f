import * as z from 'zod';

/**
 * What we read of Confluence's answers. Objects are open (unknown members are dropped) and enums are strings: a new
 * space type or status must not break parsing. Source: Atlassian's OpenAPI document of REST v2.
 */
const id = z.string().regex(/^\d+$/, 'must be a numeric id');
const isoDate = z.string().refine((value) => !Number.isNaN(Date.parse(value)), 'must be a date');
const links = z.object({ webui: z.string().optional() }).default({});

export const versionSchema = z.object({
  number: z.number().int(),
  createdAt: isoDate,
  authorId: z.string().nullish(),
  message: z.string().nullish(),
  minorEdit: z.boolean().nullish(),
});

const bodySchema = z
  .object({
    storage: z.object({ value: z.string() }).optional(),
    atlas_doc_format: z.object({ value: z.string() }).optional(),
  })
  .default({});

export const pageSchema = z.object({
  id,
  status: z.string(),
  title: z.string(),
  spaceId: id,
  parentId: z.string().nullish(),
  parentType: z.string().nullish(),
  authorId: z.string().nullish(),
  createdAt: isoDate,
  version: versionSchema,
  body: bodySchema,
  _links: links,
});
export type ConfluencePage = z.infer<typeof pageSchema>;

export const spaceSchema = z.object({
  id,
  key: z.string(),
  name: z.string(),
  type: z.string(),
  status: z.string(),
  homepageId: z.string().nullish(),
  _links: links,
});
export type ConfluenceSpace = z.infer<typeof spaceSchema>;

export const labelSchema = z.object({ id, name: z.string(), prefix: z.string() });
export type ConfluenceLabel = z.infer<typeof labelSchema>;

export const attachmentSchema = z.object({
  id: z.string().min(1),
  status: z.string(),
  title: z.string(),
  pageId: id.nullish(),
  blogPostId: id.nullish(),
  mediaType: z.string().nullish(),
  fileSize: z.number().nullish(),
  createdAt: isoDate.nullish(),
  downloadLink: z.string().nullish(),
  webuiLink: z.string().nullish(),
  version: versionSchema.nullish(),
});
export type ConfluenceAttachment = z.infer<typeof attachmentSchema>;

export const userSchema = z.object({
  accountId: z.string().min(1),
  displayName: z.string().nullish(),
  publicName: z.string().nullish(),
  accountStatus: z.string().nullish(),
});
export type ConfluenceUser = z.infer<typeof userSchema>;

/** The envelope of every v2 list. `next` is read for its cursor only. */
export const listSchema = z.object({
  results: z.array(z.unknown()),
  _links: z.object({ next: z.string().optional(), base: z.string().optional() }).default({}),
});

/** The envelope of v1 search. */
export const searchSchema = z.object({
  results: z.array(z.unknown()),
  totalSize: z.number().optional(),
  _links: z.object({ next: z.string().optional(), base: z.string().optional() }).default({}),
});

export const resourceSchema = z.object({
  id: z.string().min(1),
  /** Becomes a link in dashboards: nothing but an address of the web may pass. */
  url: z.url({ protocol: /^https?$/ }),
  name: z.string(),
  scopes: z.array(z.string()).default([]),
});

export const tokenSchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  expires_in: z.number().positive(),
  scope: z.string().default(''),
});

export const meSchema = z.object({ account_id: z.string().min(1), name: z.string().nullish() });
