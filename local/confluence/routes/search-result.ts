import { plainText } from '../content/plain-text.ts';
import { readBody } from '../content/store.ts';
import type { TextMatch } from '../cql/text-match.ts';
import type { Call } from '../gateway/call.ts';
import { escapeHtml } from '../http/html.ts';
import { toIso } from '../http/time.ts';
import { webUiPath } from './content-json.ts';
import { type ExcerptMode, excerptOf, highlight } from './excerpt.ts';

export interface FoundRow {
  type: 'page' | 'blogpost' | 'attachment';
  contentId: number;
  /** As the index knows them: they lag behind. */
  title: string;
  lastModified: number;
  containerId: number;
  containerKind: 'page' | 'blogpost';
  containerTitle: string;
  createdAt: number;
  bodyVersion: number;
  generatorIndex: number | null;
  comment: string | null;
  spaceKey: string;
  spaceName: string;
  score: number;
}

export const FOUND_COLUMNS = `d.type, d.contentId, d.title, d.lastModified, c.id AS containerId, c.kind AS containerKind,
  c.title AS containerTitle, c.createdAt, c.bodyVersion, c.generatorIndex, a.comment, s.key AS spaceKey, s.name AS spaceName`;

/** One search result in the shape of v1. */
export function foundJson(call: Call, row: FoundRow, mode: ExcerptMode, matches: readonly TextMatch[]): object {
  const words = matches.flatMap((match) => match.words);
  const isAttachment = row.type === 'attachment';
  const id = isAttachment ? `att${row.contentId}` : String(row.contentId);
  const webui = isAttachment
    ? `/pages/viewpageattachments.action?pageId=${row.containerId}&preview=%2F${row.containerId}%2F${row.contentId}%2F${encodeURIComponent(row.title)}`
    : webUiPath({
        id: row.contentId,
        kind: row.containerKind,
        spaceKey: row.spaceKey,
        title: row.title,
        createdAt: row.createdAt,
      });
  const container = { title: row.spaceName, displayUrl: `/spaces/${row.spaceKey}` };
  const unescaped = mode.endsWith('_unescaped');
  return {
    content: {
      id,
      type: row.type,
      status: 'current',
      title: row.title,
      childTypes: {},
      macroRenderedOutput: {},
      restrictions: {},
      _expandable: { container: '', metadata: '', extensions: '', operations: '', children: '', history: '', body: '' },
      _links: { webui, self: `${call.site.url}/wiki/rest/api/content/${id}`, tinyui: '' },
    },
    title: mode.startsWith('highlight')
      ? highlight(row.title, words, unescaped ? (text) => text : escapeHtml)
      : row.title,
    excerpt: mode === 'none' ? '' : excerptOf(textOf(call, row), mode, words),
    url: webui,
    ...(isAttachment
      ? { resultParentContainer: { title: row.containerTitle, displayUrl: `/pages/${row.containerId}` } }
      : {}),
    resultGlobalContainer: container,
    breadcrumbs: [],
    entityType: 'content',
    iconCssClass: `aui-icon content-type-${row.type}`,
    lastModified: toIso(row.lastModified),
    friendlyLastModified: toIso(row.lastModified).slice(0, 10),
    score: row.score,
  };
}

function textOf({ simulator, site }: Call, row: FoundRow): string {
  if (row.type === 'attachment') return row.comment ?? '';
  return plainText(
    readBody(simulator, site, { id: row.contentId, generatorIndex: row.generatorIndex }, row.bodyVersion),
  );
}
