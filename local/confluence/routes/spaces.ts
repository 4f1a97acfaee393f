import type { SpaceRow } from '../content/rows.ts';
import { findSpace } from '../content/store.ts';
import { visibleSpaces } from '../content/visibility.ts';
import type { Call } from '../gateway/call.ts';
import { notFound } from '../gateway/errors.ts';
import { answerListing } from '../gateway/listing.ts';
import { choice, flag, idsParameter, listParameter, toId } from '../gateway/parameters.ts';
import { type Answer, json } from '../http/exchange.ts';
import { escapeHtml } from '../http/html.ts';
import { toIso } from '../http/time.ts';
import { optionalField } from './includes.ts';

const SPACE_TYPES = [
  'global',
  'collaboration',
  'knowledge_base',
  'personal',
  'system',
  'onboarding',
  'xflow_sample_space',
];

/** `GET /spaces`. `type` takes one value; there is no "all but personal". */
export function listSpaces(call: Call): Answer {
  const { query } = call;
  const visible = visibleSpaces(call.viewer);
  const where = [...visible.where];
  const values = [...visible.values];
  const add = (condition: string, ...parameters: (string | number)[]) => {
    where.push(condition);
    values.push(...parameters);
  };
  const ids = idsParameter(query, 'ids', 250);
  const keys = listParameter(query, 'keys', 250);
  const type = choice(query, 'type', SPACE_TYPES);
  const status = choice(query, 'status', ['current', 'archived']);
  if (ids) add(`s.id IN (${ids.map(() => '?').join(', ')})`, ...ids);
  if (keys) add(`s.key IN (${keys.map(() => '?').join(', ')})`, ...keys);
  if (type) add('s.type = ?', type);
  if (status) add('s.status = ?', status);
  if (listParameter(query, 'labels')?.length) add('0');
  const describe = descriptionOf(call);
  return answerListing<SpaceRow>(call, {
    source: { columns: 's.*', from: 'space s', where, values, id: 's.id' },
    sorts: { id: 's.id', key: 's.key', name: 's.name' },
    defaultSort: 'id',
    toItem: (row) => spaceJson(row, describe(row)),
  });
}

/** `GET /spaces/{id}` */
export function getSpace(call: Call): Answer {
  const id = toId('id', call.params.id ?? '');
  const row = findSpace(call.simulator, call.viewer, id);
  if (!row) return notFound(`space ${id}`);
  call.charge({ objects: 1 });
  const included: Record<string, object> = {};
  for (const part of ['labels', 'properties', 'operations', 'permissions']) {
    if (!flag(call.query, `include-${part}`)) continue;
    included[part] = optionalField(call, part === 'operations' ? [{ operation: 'read', targetType: 'space' }] : []);
  }
  const space = spaceJson(row, descriptionOf(call)(row)) as { _links: object };
  return json(200, { ...space, ...included, _links: { ...space._links, base: `${call.site.url}/wiki` } });
}

function descriptionOf({ query }: Call): (row: SpaceRow) => object | undefined {
  const format = choice(query, 'description-format', ['plain', 'view']);
  if (!format) return () => undefined;
  return (row) => {
    const value = format === 'plain' ? row.description : `<p>${escapeHtml(row.description)}</p>`;
    return { [format]: { representation: format, value } };
  };
}

function spaceJson(row: SpaceRow, description: object | undefined): object {
  return {
    id: String(row.id),
    key: row.key,
    name: row.name,
    type: row.type,
    status: row.status,
    authorId: row.authorId,
    spaceOwnerId: row.authorId,
    currentActiveAlias: row.key,
    createdAt: toIso(row.createdAt),
    ...(row.homepageId === null ? {} : { homepageId: String(row.homepageId) }),
    ...(description ? { description } : {}),
    _links: { webui: `/spaces/${row.key}` },
  };
}
