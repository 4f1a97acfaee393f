import type { LabelRow } from '../content/rows.ts';
import { findSpace } from '../content/store.ts';
import { visibleContent } from '../content/visibility.ts';
import type { Call } from '../gateway/call.ts';
import { notFound } from '../gateway/errors.ts';
import { answerListing } from '../gateway/listing.ts';
import { choices, idsParameter, toId } from '../gateway/parameters.ts';
import type { Answer } from '../http/exchange.ts';
import { answerAttachments, attachmentSource } from './attachments.ts';
import { answerBlogPosts } from './blogposts.ts';
import { labelJson } from './content-json.ts';
import { addOneOf, type ContentSource, contentSource } from './page-source.ts';
import { answerPages } from './pages.ts';
import { withContent } from './readable.ts';

const PREFIXES = ['my', 'team', 'global', 'system'];

/** `GET /labels`: every label in use, of every prefix unless one is asked for; `my` labels of this user only. */
export function listLabels(call: Call): Answer {
  const source = labelSource(call);
  addOneOf(source, 'l.id', idsParameter(call.query, 'label-id'));
  addOneOf(source, 'l.prefix', choices(call.query, 'prefix', PREFIXES));
  return answerLabels(call, source);
}

/** `GET /pages/{id}/labels` and `GET /blogposts/{id}/labels` */
export function listContentLabels(kind: 'page' | 'blogpost'): (call: Call) => Answer {
  return (call) =>
    withContent(call, kind, (row) => {
      const source = labelSource(call);
      source.where.push('l.id IN (SELECT labelId FROM contentLabel WHERE site = ? AND contentId = ?)');
      source.values.push(call.viewer.site, row.id);
      addOneOf(source, 'l.prefix', choices(call.query, 'prefix', PREFIXES));
      return answerLabels(call, source);
    });
}

/** `GET /spaces/{id}/content/labels`: a trap, because it knows only the prefixes `my` and `team`. */
export function listSpaceContentLabels(call: Call): Answer {
  const spaceId = toId('id', call.params.id ?? '');
  if (!findSpace(call.simulator, call.viewer, spaceId)) return notFound(`space ${spaceId}`);
  const source = labelSource(call);
  const visible = visibleContent(call.viewer);
  source.where.push(
    `l.id IN (SELECT cl.labelId FROM contentLabel cl JOIN content c ON c.site = cl.site AND c.id = cl.contentId
       WHERE ${visible.where.join(' AND ')} AND c.spaceId = ?)`,
  );
  source.values.push(...visible.values, spaceId);
  addOneOf(source, 'l.prefix', choices(call.query, 'prefix', ['my', 'team']) ?? ['my', 'team']);
  return answerLabels(call, source);
}

/** `GET /spaces/{id}/labels`: labels of the space itself, of which the simulator has none. */
export function listSpaceLabels(call: Call): Answer {
  const spaceId = toId('id', call.params.id ?? '');
  if (!findSpace(call.simulator, call.viewer, spaceId)) return notFound(`space ${spaceId}`);
  const source = labelSource(call);
  source.where.push('0');
  return answerLabels(call, source);
}

/** `GET /labels/{id}/pages` */
export function listLabelPages(call: Call): Answer {
  return withLabel(call, (labelId) => answerPages(call, labelledSource(call, 'page', labelId)));
}

/** `GET /labels/{id}/blogposts` */
export function listLabelBlogPosts(call: Call): Answer {
  return withLabel(call, (labelId) => answerBlogPosts(call, labelledSource(call, 'blogpost', labelId)));
}

/** `GET /labels/{id}/attachments`: attachments carry no labels here. */
export function listLabelAttachments(call: Call): Answer {
  return withLabel(call, () => {
    const source = attachmentSource(call);
    source.where.push('0');
    return answerAttachments(call, source);
  });
}

function labelledSource(call: Call, kind: 'page' | 'blogpost', labelId: number): ContentSource {
  const source = contentSource(call, kind);
  source.where.push('c.id IN (SELECT contentId FROM contentLabel WHERE site = ? AND labelId = ?)');
  source.values.push(call.viewer.site, labelId);
  addOneOf(source, 'c.spaceId', idsParameter(call.query, 'space-id', 100));
  return source;
}

function withLabel(call: Call, answer: (labelId: number) => Answer): Answer {
  const id = toId('id', call.params.id ?? '');
  const known = call.simulator.database.get(
    "SELECT 1 FROM label WHERE site = ? AND id = ? AND (prefix <> 'my' OR ownerId = ?)",
    call.viewer.site,
    id,
    call.viewer.accountId,
  );
  return known ? answer(id) : notFound(`label ${id}`);
}

function labelSource({ viewer }: Call): ContentSource {
  return {
    columns: 'l.id, l.prefix, l.name',
    from: 'label l',
    where: ['l.site = ?', "(l.prefix <> 'my' OR l.ownerId = ?)"],
    values: [viewer.site, viewer.accountId],
    id: 'l.id',
  };
}

function answerLabels(call: Call, source: ContentSource): Answer {
  return answerListing<LabelRow>(call, {
    source,
    sorts: { id: 'l.id', name: 'l.name', 'created-date': 'l.createdAt' },
    defaultSort: 'id',
    toItem: labelJson,
  });
}
