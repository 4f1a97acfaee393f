import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AnyNode, type Document, type Element, isTag, isText, type ParentNode } from 'domhandler';
import { parseDocument } from 'htmlparser2';
import { z } from 'zod';
import { decodeNamedEntities } from './strict-xml.ts';

const FOLDER = fileURLToPath(new URL('../../local/confluence/knowledge-base/', import.meta.url));

const siteSchema = z.strictObject({
  people: z.array(
    z.strictObject({
      accountId: z.string().regex(/^(712020:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24})$/),
      displayName: z.string().min(1),
      email: z.email(),
      timeZone: z.string().min(1),
    }),
  ),
  spaces: z.array(
    z.strictObject({
      key: z.string().regex(/^~?[A-Za-z0-9]+$/),
      name: z.string().min(1),
      type: z.enum([
        'global',
        'collaboration',
        'knowledge_base',
        'personal',
        'system',
        'onboarding',
        'xflow_sample_space',
      ]),
      status: z.enum(['current', 'archived']),
      description: z.string().min(1),
    }),
  ),
});

const entrySchema = z.strictObject({
  slug: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string().min(1).max(255),
  parent: z.string().optional(),
  status: z.enum(['current', 'archived', 'trashed', 'draft']).default('current'),
  type: z.enum(['page', 'blogpost']).default('page'),
  labels: z.array(z.string().regex(/^[a-z0-9-]+$/)),
  author: z.string(),
  editor: z.enum(['v1', 'v2']),
  createdDaysAgo: z.number().nonnegative(),
  modifiedDaysAgo: z.number().nonnegative(),
  attachments: z
    .array(
      z.strictObject({
        fileName: z.string().min(1),
        mediaType: z.string().regex(/^[a-z]+\/[a-z0-9.+-]+$/),
        sizeBytes: z.int().positive(),
        comment: z.string().optional(),
      }),
    )
    .default([]),
  restricted: z.literal(true).optional(),
});

export type Space = z.infer<typeof siteSchema>['spaces'][number];

/** One page or blog post: its index entry, its space, its body as stored and as a tree. */
export interface Entry extends z.infer<typeof entrySchema> {
  space: Space;
  body: string;
  tree: Document;
}

export interface KnowledgeBase {
  people: z.infer<typeof siteSchema>['people'];
  spaces: Space[];
  entries: Entry[];
  /** `KEY/slug.xml` of every body on disk, whether an index names it or not. */
  bodyFiles: string[];
  /** Names in the folder itself. */
  topLevel: string[];
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** Reads the whole knowledge base; a file that does not have the loader's format throws. */
export function readKnowledgeBase(): KnowledgeBase {
  const { people, spaces } = siteSchema.parse(readJson(join(FOLDER, 'site.json')));
  const entries = spaces.flatMap((space) =>
    z
      .array(entrySchema)
      .parse(readJson(join(FOLDER, space.key, 'index.json')))
      .map((entry): Entry => {
        const body = readFileSync(join(FOLDER, space.key, `${entry.slug}.xml`), 'utf8');
        return { ...entry, space, body, tree: parseDocument(decodeNamedEntities(body), { xmlMode: true }) };
      }),
  );
  const bodyFiles = spaces.flatMap(({ key }) =>
    readdirSync(join(FOLDER, key))
      .filter((name) => name !== 'index.json')
      .map((name) => `${key}/${name}`),
  );
  return { people, spaces, entries, bodyFiles, topLevel: readdirSync(FOLDER) };
}

/** How test messages name an entry. */
export const nameOf = (entry: Entry): string => `${entry.space.key}/${entry.slug}.xml`;

/** Every element below a node, in document order. */
export function elements(node: ParentNode): Element[] {
  return node.children.flatMap((child) =>
    isTag(child) ? [child, ...elements(child)] : 'children' in child ? elements(child) : [],
  );
}

export const byName = (node: ParentNode, name: string): Element[] =>
  elements(node).filter((element) => element.name === name);

export const macros = (node: ParentNode, name: string): Element[] =>
  byName(node, 'ac:structured-macro').filter((element) => element.attribs['ac:name'] === name);

/** A macro's own parameter as text; `undefined` when it has none. */
export function parameter(macro: Element, name: string): string | undefined {
  const found = macro.children.filter(isTag).find((child) => child.attribs['ac:name'] === name);
  return found && text(found);
}

/** All text below a node, CDATA included. */
export function text(node: AnyNode | ParentNode): string {
  if (isText(node as AnyNode)) return (node as unknown as { data: string }).data;
  return 'children' in node ? node.children.map(text).join('') : '';
}
