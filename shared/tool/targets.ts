import { invalidArguments } from '../platform/http-function.ts';

/** What a pasted id, key, title or URL stands for. */
export type Target =
  | { readonly kind: 'id'; readonly id: string; readonly attachmentId?: string }
  | { readonly kind: 'blogpost'; readonly id: string }
  | { readonly kind: 'title'; readonly title: string; readonly spaceKey?: string }
  | { readonly kind: 'space'; readonly spaceKey: string }
  | { readonly kind: 'attachment'; readonly attachmentId: string }
  | { readonly kind: 'file'; readonly pageId: string; readonly fileName: string };

const SPACE_KEY = '(~?[A-Za-z0-9][A-Za-z0-9:_.-]{0,254}|~[^/]{1,254})';

type Match = (groups: readonly string[], url: URL) => Target | undefined;

/** Confluence's page addresses, as people copy them: current, legacy, tiny, edit, API and attachment links. */
const FORMS: readonly (readonly [RegExp, Match])[] = [
  [/^\/x\/([\w-]{2,14})$/, ([key = '']) => idTarget(decodeTinyKey(key))],
  [/^\/(?:spaces\/[^/]+\/)?pages\/\w+\.action$/, (_, url) => actionTarget(url)],
  [/^\/spaces\/[^/]+\/blog\/(?:[^?]*\/)?(\d{3,20})(?:\/|$)/, ([id = '']) => ({ kind: 'blogpost', id })],
  [/^\/spaces\/[^/]+\/pages\/(?:[\w-]+\/)?(\d{1,20})(?:\/|$)/, ([id], url) => idTarget(id, attachmentOf(url))],
  [/^\/(?:rest\/api\/content|api\/v2\/pages)\/(\d{1,20})/, ([id]) => idTarget(id)],
  [/^\/api\/v2\/blogposts\/(\d{1,20})/, ([id = '']) => ({ kind: 'blogpost', id })],
  [/^\/api\/v2\/attachments\/(att\d{1,20})/, ([attachmentId = '']) => ({ kind: 'attachment', attachmentId })],
  [
    /^\/(?:download\/(?:attachments|thumbnails)|rest\/api\/content)\/(\d{1,20})\/(?!child)([^/]+)$/,
    ([pageId = '', fileName = '']) => ({ kind: 'file', pageId, fileName }),
  ],
  [/^\/display\/([^/]+)\/\d{4}\/\d{2}\/\d{2}\/([^/]+)$/, ([spaceKey, title]) => titleTarget(title, spaceKey)],
  [/^\/display\/([^/]+)\/([^/]+)$/, ([spaceKey, title]) => titleTarget(title, spaceKey)],
  [
    new RegExp(`^/(?:spaces|display)/${SPACE_KEY}(?:/(?:overview|pages|blog))?/?$`),
    ([spaceKey = ''], url) => idTarget(url.searchParams.get('homepageId')) ?? { kind: 'space', spaceKey },
  ],
];

/**
 * Reads what somebody pasted where a page, blog post, space or attachment is wanted. Text that is neither an id nor a
 * URL counts as a title. Throws 400 `invalid_arguments` for a URL of another site or of no known form.
 *
 * @param field the argument's name, for the error
 * @param siteUrl of the connected site, `https://acme.atlassian.net`
 */
export function readTarget(field: string, text: string, siteUrl: string): Target {
  const value = withScheme(text.trim(), siteUrl);
  if (/^\d{1,20}$/.test(value)) return { kind: 'id', id: value };
  if (/^att\d{1,20}$/.test(value)) return { kind: 'attachment', attachmentId: value };
  if (/^(?:https?:)?\/\//i.test(value) || /^\/(?:wiki|spaces|display|pages|x)\//.test(value)) {
    return readUrl(field, value, siteUrl);
  }
  return { kind: 'title', title: value };
}

/** Some programs copy an address without its scheme. */
function withScheme(value: string, siteUrl: string): string {
  const isAddress = value.toLowerCase().startsWith(`${new URL(siteUrl).host.toLowerCase()}/`);
  return isAddress ? `https://${value}` : value;
}

function readUrl(field: string, value: string, siteUrl: string): Target {
  const url = URL.canParse(value, siteUrl) ? new URL(value, siteUrl) : undefined;
  if (!url) throw wrong(field, 'is not a URL that can be read');
  if (url.host.toLowerCase() !== new URL(siteUrl).host.toLowerCase() || url.username !== '') {
    throw wrong(field, `is a URL of another host than the connected site ${siteUrl}`);
  }
  const mobile = /^#content\/view\/(\d{1,20})/.exec(url.hash)?.[1];
  if (mobile) return { kind: 'id', id: mobile };
  const path = decodePath(url.pathname)?.replace(/^\/wiki(?=\/)/, '');
  for (const [expression, target] of FORMS) {
    const match = path === undefined ? null : expression.exec(path);
    const found = match && target(match.slice(1), url);
    if (found) return found;
  }
  throw wrong(field, 'is a URL that does not name its page: open it, and give the address that the browser then shows');
}

/** `viewpage.action?pageId=…`, and its relatives, or `?spaceKey=…&title=…`. */
function actionTarget(url: URL): Target | undefined {
  const { searchParams } = url;
  const id = idTarget(searchParams.get('pageId') ?? searchParams.get('entityId'), attachmentOf(url));
  return id ?? titleTarget(searchParams.get('title'), searchParams.get('spaceKey'));
}

/** A preview names page, attachment and file: `preview=/123/456/plan.pdf`. */
function attachmentOf(url: URL): string | undefined {
  const id = /^\/\d+\/(\d{1,20})\//.exec(url.searchParams.get('preview') ?? '')?.[1];
  return id === undefined ? undefined : `att${id}`;
}

function idTarget(id: string | null | undefined, attachmentId?: string): Target | undefined {
  if (!id || !/^\d{1,20}$/.test(id)) return undefined;
  return { kind: 'id', id, ...(attachmentId ? { attachmentId } : {}) };
}

function titleTarget(title: string | null | undefined, spaceKey: string | null | undefined): Target | undefined {
  if (!title) return undefined;
  return { kind: 'title', title: title.replaceAll('+', ' '), ...(spaceKey ? { spaceKey } : {}) };
}

function decodePath(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
}

/**
 * A tiny link's key is the page id as eight little-endian bytes in base64, with `/` as `-`, `+` as `_` and the trailing
 * `A`s cut off.
 */
function decodeTinyKey(key: string): string | undefined {
  const base64 = key.replaceAll('-', '/').replaceAll('_', '+').padEnd(11, 'A');
  const bytes = Buffer.from(`${base64}=`, 'base64');
  return bytes.length === 8 ? bytes.readBigUInt64LE().toString() : undefined;
}

function wrong(field: string, problem: string) {
  return invalidArguments([{ field, problem }]);
}
