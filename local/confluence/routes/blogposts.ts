import type { ContentRow } from '../content/rows.ts';
import { findContent, findSpace, findVersion } from '../content/store.ts';
import type { Call } from '../gateway/call.ts';
import { answerListing } from '../gateway/listing.ts';
import { choice, choices, intParameter, toId } from '../gateway/parameters.ts';
import { type Answer, json } from '../http/exchange.ts';
import { blogPostJson, pageLinks, versionJson } from './content-json.ts';
import { includesOfPage } from './includes.ts';
import {
  addIdFilters,
  CONTENT_SORTS,
  type ContentSource,
  filteredSource,
  listBody,
  unreadable,
} from './page-source.ts';
import { SINGLE_BODY_FORMATS, singleBody } from './single-body.ts';

/** `GET /blogposts` */
export function listBlogPosts(call: Call): Answer {
  const source = filteredSource(call, 'blogpost');
  addIdFilters(call, source);
  return answerBlogPosts(call, source);
}

/** `GET /spaces/{id}/blogposts` */
export function listSpaceBlogPosts(call: Call): Answer {
  const spaceId = toId('id', call.params.id ?? '');
  if (!findSpace(call.simulator, call.viewer, spaceId)) return unreadable(call, 'space', spaceId);
  const source = filteredSource(call, 'blogpost');
  source.where.push('c.spaceId = ?');
  source.values.push(spaceId);
  return answerBlogPosts(call, source);
}

export function answerBlogPosts(call: Call, source: ContentSource): Answer {
  const body = listBody(call);
  return answerListing<ContentRow>(call, {
    source,
    sorts: CONTENT_SORTS,
    defaultSort: 'id',
    toItem: (row) => blogPostJson(row, body(row)),
  });
}

/** `GET /blogposts/{id}` */
export function getBlogPost(call: Call): Answer {
  const id = toId('id', call.params.id ?? '');
  const { query, simulator, site } = call;
  const statuses: readonly string[] = choices(query, 'status', [
    'current',
    'trashed',
    'deleted',
    'historical',
    'draft',
  ]) ?? ['current'];
  const format = choice(query, 'body-format', SINGLE_BODY_FORMATS);
  const row = findContent(simulator, call.viewer, 'blogpost', id);
  if (!row || !statuses.includes(row.status)) return unreadable(call, 'blog post', id);
  const number = intParameter(query, 'version', 1, 2 ** 31) ?? row.versionNumber;
  const version = findVersion(simulator, site, row, number);
  if (!version) return unreadable(call, `version ${number} of blog post`, id);
  call.charge({ objects: 1 });
  const past =
    number === row.versionNumber ? {} : { title: version.title, status: 'historical', version: versionJson(version) };
  return json(200, {
    ...blogPostJson(row, singleBody(call, row, version.bodyVersion, format)),
    ...past,
    ...includesOfPage(call, row),
    _links: { ...pageLinks(row), base: `${site.url}/wiki` },
  });
}
