import type { ContentRow } from '../content/rows.ts';
import { findContent, findSpace, findVersion } from '../content/store.ts';
import type { Call } from '../gateway/call.ts';
import { answerListing } from '../gateway/listing.ts';
import { choice, choices, flag, intParameter, toId } from '../gateway/parameters.ts';
import { type Answer, json } from '../http/exchange.ts';
import { pageJson, pageLinks, versionJson } from './content-json.ts';
import { includesOfPage } from './includes.ts';
import { addIdFilters, type ContentSource, filteredSource, listBody, PAGE_SORTS, unreadable } from './page-source.ts';
import { SINGLE_BODY_FORMATS, singleBody } from './single-body.ts';

/** `GET /pages` */
export function listPages(call: Call): Answer {
  const source = filteredSource(call, 'page');
  addIdFilters(call, source);
  return answerPages(call, source);
}

/** `GET /spaces/{id}/pages` */
export function listSpacePages(call: Call): Answer {
  const spaceId = toId('id', call.params.id ?? '');
  if (!findSpace(call.simulator, call.viewer, spaceId)) return unreadable(call, 'space', spaceId);
  const source = filteredSource(call, 'page');
  source.where.push('c.spaceId = ?');
  source.values.push(spaceId);
  if (choice(call.query, 'depth', ['all', 'root']) === 'root') source.where.push('c.parentId IS NULL');
  return answerPages(call, source);
}

/** A list of pages from any source of content rows, with the bodies that the query asks for. */
export function answerPages(call: Call, source: ContentSource): Answer {
  const body = listBody(call);
  return answerListing<ContentRow>(call, {
    source,
    sorts: PAGE_SORTS,
    defaultSort: 'id',
    toItem: (row) => pageJson(row, body(row)),
  });
}

const SINGLE_STATUSES = ['current', 'archived', 'trashed', 'deleted', 'historical', 'draft'];

/** `GET /pages/{id}`: one page, in a past version if asked, with its first labels, versions and children if asked. */
export function getPage(call: Call): Answer {
  const id = toId('id', call.params.id ?? '');
  const { query, simulator, site } = call;
  const statuses = choices(query, 'status', SINGLE_STATUSES) ?? ['current', 'archived'];
  if (flag(query, 'get-draft')) statuses.push('draft');
  const format = choice(query, 'body-format', SINGLE_BODY_FORMATS);
  const row = findContent(simulator, call.viewer, 'page', id);
  if (!row || !statuses.includes(row.status)) return unreadable(call, 'page', id);
  const number = intParameter(query, 'version', 1, 2 ** 31) ?? row.versionNumber;
  const version = findVersion(simulator, site, row, number);
  if (!version) return unreadable(call, `version ${number} of page`, id);
  call.charge({ objects: 1 });
  const past =
    number === row.versionNumber ? {} : { title: version.title, status: 'historical', version: versionJson(version) };
  return json(200, {
    ...pageJson(row, singleBody(call, row, version.bodyVersion, format)),
    ...past,
    ...includesOfPage(call, row),
    _links: { ...pageLinks(row), base: `${site.url}/wiki` },
  });
}
