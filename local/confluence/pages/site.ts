import { CONTENT_COLUMNS, CONTENT_FROM, type ContentRow, type SpaceRow } from '../content/rows.ts';
import { findSiteByName, type Site } from '../content/sites.ts';
import { readBody } from '../content/store.ts';
import { type Answer, type Exchange, html, json } from '../http/exchange.ts';
import { escapeHtml } from '../http/html.ts';
import { webUiPath } from '../routes/content-json.ts';
import type { Simulator } from '../simulator.ts';
import { renderView } from '../view.ts';
import { layout } from './layout.ts';

/**
 * `/site/{name}/wiki/…`: what a person would see on the site's own host. An API call to the site's host with a 3LO
 * token answers 401, as in reality.
 */
export function answerSitePage(simulator: Simulator, exchange: Exchange): Answer {
  const [, , name = '', ...rest] = exchange.path.split('/');
  const path = `/${rest.join('/')}`;
  if (/^\/wiki\/(api|rest)\//.test(path)) return json(401, { code: 401, message: 'Unauthorized' });
  const site = findSiteByName(simulator, decodeURIComponent(name));
  if (!site?.confluence || site.removed) return html(404, layout('Not found', '<h1>There is no such site</h1>'));
  const pageId = /^\/wiki\/spaces\/[^/]+\/(?:pages|blog\/\d+\/\d+\/\d+)\/(\d+)/.exec(path)?.[1];
  if (pageId) return showPage(simulator, site, Number(pageId));
  const spaceKey = /^\/wiki\/spaces\/([^/]+)/.exec(path)?.[1];
  return spaceKey ? showSpace(simulator, site, decodeURIComponent(spaceKey)) : showSite(simulator, site);
}

function showPage(simulator: Simulator, site: Site, id: number): Answer {
  const row = simulator.database.get<ContentRow>(
    `SELECT ${CONTENT_COLUMNS} FROM ${CONTENT_FROM} WHERE c.site = ? AND c.id = ? AND c.status = 'current'`,
    site.site,
    id,
  );
  if (!row) return html(404, layout('Not found', '<h1>This page is not available</h1>'));
  const body = renderView(readBody(simulator, site, row, row.bodyVersion), {
    pageUrl: () => undefined,
    nameOf: (accountId) => personName(simulator, accountId),
    includedBody: () => undefined,
  });
  const title = escapeHtml(row.title);
  return html(
    200,
    layout(
      row.title,
      `<p class="muted"><a href="/site/${site.name}/wiki/spaces/${encodeURIComponent(row.spaceKey)}">${escapeHtml(row.spaceKey)}</a></p>
<h1>${title}</h1><p class="muted">Version ${row.versionNumber} by ${escapeHtml(personName(simulator, row.versionAuthorId) ?? 'Former user')}</p>
${body}`,
      true,
    ),
  );
}

function showSpace({ database }: Simulator, site: Site, key: string): Answer {
  const rows = database.all<ContentRow>(
    `SELECT ${CONTENT_COLUMNS} FROM ${CONTENT_FROM}
     WHERE c.site = ? AND s.key = ? AND c.status = 'current' AND c.kind <> 'folder' ORDER BY c.title LIMIT 500`,
    site.site,
    key,
  );
  const items = rows.map(
    (row) => `<li><a href="/site/${site.name}/wiki${escapeHtml(webUiPath(row))}">${escapeHtml(row.title)}</a></li>`,
  );
  return html(200, layout(key, `<h1>${escapeHtml(key)}</h1><ul>${items.join('\n')}</ul>`, true));
}

function showSite({ database }: Simulator, site: Site): Answer {
  const spaces = database.all<SpaceRow>('SELECT * FROM space WHERE site = ? AND hidden = 0 ORDER BY name', site.site);
  const items = spaces.map(
    (space) =>
      `<li><a href="/site/${site.name}/wiki/spaces/${encodeURIComponent(space.key)}">${escapeHtml(space.name)}</a></li>`,
  );
  return html(200, layout(site.name, `<h1>${escapeHtml(site.url)}</h1><ul>${items.join('\n')}</ul>`, true));
}

function personName({ database }: Simulator, accountId: string): string | undefined {
  return database.get<{ displayName: string }>('SELECT displayName FROM account WHERE accountId = ?', accountId)
    ?.displayName;
}
