import type { AttachmentRow } from '../content/rows.ts';
import { visibleContent } from '../content/visibility.ts';
import type { Call } from '../gateway/call.ts';
import { notFound } from '../gateway/errors.ts';
import { answerListing } from '../gateway/listing.ts';
import { choices, flag, toId } from '../gateway/parameters.ts';
import { type Answer, json } from '../http/exchange.ts';
import { versionJson } from './content-json.ts';
import { optionalField } from './includes.ts';
import { addOneOf, type ContentSource } from './page-source.ts';
import { withContent } from './readable.ts';

/** `GET /attachments`: the whole site's; there is no filter by space. */
export function listAttachments(call: Call): Answer {
  return answerAttachments(call, filtered(call));
}

/** `GET /pages/{id}/attachments` and `GET /blogposts/{id}/attachments` */
export function listContentAttachments(kind: 'page' | 'blogpost'): (call: Call) => Answer {
  return (call) =>
    withContent(call, kind, (row) => {
      const source = filtered(call);
      source.where.push('a.contentId = ?');
      source.values.push(row.id);
      return answerAttachments(call, source);
    });
}

/** `GET /attachments/{id}`; ids are `att` and a number. */
export function getAttachment(call: Call): Answer {
  const id = toId('id', (call.params.id ?? '').replace(/^att/, ''));
  const { columns, from, where, values } = attachmentSource(call);
  const row = call.simulator.database.get<AttachmentRow>(
    `SELECT ${columns} FROM ${from} WHERE ${where.join(' AND ')} AND a.id = ?`,
    ...values,
    id,
  );
  if (!row) return notFound(`attachment att${id}`);
  call.charge({ objects: 1 });
  const attachment = attachmentJson(row);
  const included: Record<string, object> = {};
  if (flag(call.query, 'include-labels')) included.labels = optionalField(call, []);
  if (flag(call.query, 'include-versions')) included.versions = optionalField(call, [attachment.version]);
  if (flag(call.query, 'include-properties')) included.properties = optionalField(call, []);
  if (flag(call.query, 'include-operations')) {
    included.operations = optionalField(call, [{ operation: 'read', targetType: 'attachment' }]);
  }
  return json(200, { ...attachment, ...included, _links: { ...attachment._links, base: `${call.site.url}/wiki` } });
}

/** Attachments of content that this user may see; those of trashed content went to the trash with it. */
export function attachmentSource({ viewer }: Call): ContentSource {
  const visible = visibleContent(viewer);
  return {
    columns: 'a.*, c.kind AS contentKind, c.title AS contentTitle',
    from: 'attachment a JOIN content c ON c.site = a.site AND c.id = a.contentId',
    where: ['a.site = ?', ...visible.where, "c.status IN ('current', 'archived')"],
    values: [viewer.site, ...visible.values],
    id: 'a.id',
  };
}

function filtered(call: Call): ContentSource {
  const { query } = call;
  const source = attachmentSource(call);
  addOneOf(source, 'a.status', choices(query, 'status', ['current', 'archived', 'trashed']) ?? ['current', 'archived']);
  const mediaType = query.get('mediaType');
  if (mediaType !== null) addOneOf(source, 'a.mediaType', [mediaType]);
  const fileName = query.get('filename');
  if (fileName !== null) addOneOf(source, 'a.title', [fileName]);
  return source;
}

export function answerAttachments(call: Call, source: ContentSource): Answer {
  return answerListing<AttachmentRow>(call, {
    source,
    sorts: { 'created-date': 'a.createdAt', 'modified-date': 'a.versionAt', id: 'a.id' },
    defaultSort: 'id',
    defaultLimit: 50,
    toItem: attachmentJson,
  });
}

function attachmentJson(row: AttachmentRow) {
  const file = encodeURIComponent(row.title);
  const download = `/download/attachments/${row.contentId}/${file}?version=${row.versionNumber}&modificationDate=${row.versionAt}&cacheVersion=1&api=v2`;
  const webui = `/pages/viewpageattachments.action?pageId=${row.contentId}&preview=%2F${row.contentId}%2F${row.id}%2F${file}`;
  return {
    id: `att${row.id}`,
    status: row.status,
    title: row.title,
    createdAt: new Date(row.createdAt).toISOString(),
    ...(row.contentKind === 'page' ? { pageId: String(row.contentId) } : { blogPostId: String(row.contentId) }),
    mediaType: row.mediaType,
    mediaTypeDescription: row.mediaType,
    comment: row.comment,
    fileId: row.fileId,
    fileSize: row.fileSize,
    webuiLink: webui,
    downloadLink: download,
    version: versionJson({
      number: row.versionNumber,
      createdAt: row.versionAt,
      authorId: row.versionAuthorId,
      message: row.comment,
      minorEdit: 0,
    }),
    _links: { webui, download },
  };
}
