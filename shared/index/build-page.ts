import type { Site } from '../atlassian/resources.ts';
import type { ConfluencePage } from '../atlassian/schemas.ts';
import { storageToMarkdown } from '../content/convert.ts';
import { pageItemId, sortIdOf } from './page.ts';
import { searchKeysOf } from './search/search-keys.ts';
import type { NewPage } from './write.ts';

export interface BuiltPage {
  readonly page: NewPage;
  /** People whose names a reader of this page will want. */
  readonly accountIds: readonly string[];
}

/** Turns a page of Confluence's, with its storage body, into what the index keeps. */
export function buildPage(tenantId: string, site: Site, spaceKey: string, source: ConfluencePage): BuiltPage {
  const wiki = `${site.url}/wiki`;
  const converted = storageToMarkdown(source.body.storage?.value ?? '', {
    siteUrl: wiki,
    spaceKey,
    pageId: source.id,
  });
  const webui = source._links.webui ?? `/spaces/${encodeURIComponent(spaceKey)}/pages/${source.id}`;
  const page: NewPage = {
    id: pageItemId(site.cloudId, source.id),
    tenantId,
    type: 'page',
    cloudId: site.cloudId,
    pageId: source.id,
    sortId: sortIdOf(source.id),
    spaceId: source.spaceId,
    spaceKey,
    title: source.title,
    titleLower: source.title.toLowerCase(),
    url: `${wiki}${webui}`,
    parentId: source.parentId ?? null,
    parentType: source.parentType ?? null,
    status: source.status,
    version: { number: source.version.number, createdAt: source.version.createdAt },
    authorId: source.authorId ?? null,
    lastModifiedById: source.version.authorId ?? null,
    createdAt: source.createdAt,
    lastModifiedAt: source.version.createdAt,
    body: converted.markdown,
    text: converted.text,
    excerpt: converted.excerpt,
    searchKeys: searchKeysOf(source.title, converted.text),
    sections: converted.outline.map(({ level, text, anchor, textOffset }) => ({ level, text, anchor, textOffset })),
    contentHash: converted.hash,
  };
  const people = [source.authorId, source.version.authorId, ...converted.references.accountIds];
  return { page, accountIds: people.filter((id) => typeof id === 'string') };
}
