import type { SiteContext } from './context.ts';

/** A page named by id, or by space and title as links in bodies name it. */
export interface PageReference {
  readonly pageId?: string;
  readonly spaceKey?: string;
  readonly title?: string;
}

/**
 * The address of a page: by id, or by space and title in the form that Confluence redirects to the page
 * (`/display/KEY/Title+With+Plus`).
 */
export function pageUrl(site: SiteContext, reference: PageReference): string {
  const space = encode(reference.spaceKey ?? site.spaceKey);
  if (reference.pageId) return `${site.siteUrl}/spaces/${space}/pages/${encode(reference.pageId)}`;
  if (reference.title === undefined) return `${site.siteUrl}/spaces/${space}`;
  return `${site.siteUrl}/display/${space}/${encodeTitle(reference.title)}`;
}

/** The page an address made by `pageUrl` names. */
export function pageOfUrl(url: string): PageReference | undefined {
  const byId = /\/spaces\/([^/]+)\/pages\/([^/?#]+)$/.exec(url);
  if (byId?.[1] && byId[2]) return { pageId: decode(byId[2]), spaceKey: decode(byId[1]) };
  const byTitle = /\/display\/([^/]+)\/([^/?#]+)$/.exec(url);
  if (!byTitle?.[1] || !byTitle[2]) return undefined;
  return { spaceKey: decode(byTitle[1]), title: decode(byTitle[2].replaceAll('+', ' ')) };
}

export function blogPostUrl(site: SiteContext, spaceKey: string | undefined, day: string, title: string): string {
  const path = /^\d{4}\/\d{2}\/\d{2}$/.test(day) ? `${day}/` : '';
  return `${site.siteUrl}/display/${encode(spaceKey ?? site.spaceKey)}/${path}${encodeTitle(title)}`;
}

export function spaceUrl(site: SiteContext, spaceKey: string): string {
  return `${site.siteUrl}/spaces/${encode(spaceKey)}`;
}

/** A file of a page; people need to be signed in to follow it. */
export function attachmentUrl(site: SiteContext, fileName: string, pageId = site.pageId): string {
  return `${site.siteUrl}/download/attachments/${encode(pageId)}/${encode(fileName)}`;
}

export function attachmentsUrl(site: SiteContext): string {
  return `${site.siteUrl}/pages/viewpageattachments.action?pageId=${encode(site.pageId)}`;
}

export function personUrl(site: SiteContext, accountId: string): string {
  return `${site.siteUrl}/people/${encode(accountId)}`;
}

/** The account an address made by `personUrl` names. */
export function personOfUrl(url: string): string | undefined {
  const id = /\/people\/([^/?#]+)$/.exec(url)?.[1];
  return id === undefined ? undefined : decode(id);
}

export function issueUrl(site: SiteContext, key: string): string {
  return `${siteOrigin(site)}/browse/${encode(key)}`;
}

export function issueSearchUrl(site: SiteContext, jql: string): string {
  return `${siteOrigin(site)}/issues/?jql=${encode(jql)}`;
}

const SCHEMES = new Set([
  'http',
  'https',
  'mailto',
  'ftp',
  'ftps',
  'sftp',
  'tel',
  'sms',
  'file',
  'smb',
  'slack',
  'msteams',
]);

/** Paths that belong to Confluence and may be written without the site's context path. */
const CONFLUENCE_PATH = /^\/(?:display|pages|download|spaces|people|plugins|label|labels|x|users|dashboard|rest)\b/;

/**
 * An absolute address a reader may follow, or undefined: schemes that run code or hold data, and what is no address. A
 * link inside the page (`#anchor`) comes back as it is.
 */
export function safeUrl(href: string, site: SiteContext): string | undefined {
  const cleaned = encodeUnsafe(
    href
      .toWellFormed()
      .replace(/\p{Cc}/gu, '')
      .trim(),
  );
  if (cleaned === '' || cleaned.startsWith('#')) return cleaned === '' ? undefined : cleaned;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(cleaned)?.[1]?.toLowerCase();
  if (scheme) return SCHEMES.has(scheme) ? cleaned : undefined;
  if (cleaned.startsWith('//')) return `https:${cleaned}`;
  const contextPath = site.siteUrl.slice(siteOrigin(site).length);
  if (cleaned.startsWith('/')) {
    return CONFLUENCE_PATH.test(cleaned) ? `${site.siteUrl}${cleaned}` : `${siteOrigin(site)}${cleaned}`;
  }
  return `${siteOrigin(site)}${contextPath}/${cleaned.replace(/^(?:\.\.?\/)+/, '')}`;
}

/** Percent-encodes what could end the address where Markdown or HTML puts it. */
function encodeUnsafe(url: string): string {
  return url.replace(/[\s"<>\\^`{|}\u00A0\u2028\u2029]/g, (character) => encodeURIComponent(character));
}

function siteOrigin(site: SiteContext): string {
  return /^[a-z]+:\/\/[^/]+/i.exec(site.siteUrl)?.[0] ?? site.siteUrl;
}

/** No title, key, file name or query is longer, and encoding makes text up to nine times its length. */
const MAX_PART = 8_192;

/** Also the characters that Markdown gives a meaning inside a link. */
function encode(part: string): string {
  return encodeURIComponent(part.slice(0, MAX_PART).toWellFormed()).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function encodeTitle(title: string): string {
  return encode(title).replaceAll('%20', '+');
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
