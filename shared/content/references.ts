import type { Html, Link, Paragraph } from 'mdast';
import type { SiteContext } from './context.ts';
import { type PageReference, pageOfUrl, pageUrl, personOfUrl, personUrl } from './links.ts';
import { collapseSpace } from './phrasing.ts';

/**
 * The notation of references in stored Markdown. Each is an ordinary, working link whose title says what it stands for:
 *
 *     [@712020:ab](https://acme.atlassian.net/wiki/people/712020%3Aab "confluence:user")
 *     [Glossary](https://acme.atlassian.net/wiki/display/ENG/Glossary "confluence:include")
 *     [Glossary](https://acme.atlassian.net/wiki/display/ENG/Glossary "confluence:excerpt=terms")
 *
 * An excerpt that other pages may include stands between the comments `<!-- excerpt -->` (`<!-- excerpt=terms -->`) and
 * `<!-- /excerpt -->`, each a block of its own.
 *
 * Page text cannot forge either: its links never get a title, its brackets and `<` are escaped, and code is recognised as
 * code because no backtick outside of code is written without an escape.
 */
export interface IncludeReference extends PageReference {
  /** The name of the excerpt to include, empty for the page's first; absent when the whole page is included. */
  readonly excerpt?: string;
}

export const REFERENCE_TITLE = 'confluence:';

export function mention(site: SiteContext, accountId: string, label = `@${accountId}`): Link {
  return {
    type: 'link',
    url: personUrl(site, accountId),
    title: `${REFERENCE_TITLE}user`,
    children: [{ type: 'text', value: collapseSpace(label) }],
  };
}

export function include(site: SiteContext, reference: IncludeReference): Paragraph {
  const { excerpt } = reference;
  const what = excerpt === undefined ? 'include' : excerpt === '' ? 'excerpt' : `excerpt=${encodeName(excerpt)}`;
  const label = collapseSpace(reference.title ?? `page ${reference.pageId}`);
  const link: Link = {
    type: 'link',
    url: pageUrl(site, reference),
    title: `${REFERENCE_TITLE}${what}`,
    children: [{ type: 'text', value: label }],
  };
  return { type: 'paragraph', children: [link] };
}

export function excerptStart(name: string): Html {
  return { type: 'html', value: name === '' ? '<!-- excerpt -->' : `<!-- excerpt=${encodeName(name)} -->` };
}

export function excerptEnd(): Html {
  return { type: 'html', value: '<!-- /excerpt -->' };
}

function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed().trim()).replace(
    /[-!'()*~_]/g,
    (c) => `%${c.charCodeAt(0).toString(16)}`,
  );
}

/** A reference or excerpt comment found in stored Markdown. */
export type FoundReference = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'user'; readonly accountId: string; readonly label: string }
  | { readonly kind: 'include'; readonly label: string; readonly url: string; readonly reference: IncludeReference }
  | { readonly kind: 'excerptStart'; readonly name: string }
  | { readonly kind: 'excerptEnd' }
);

/** A label of plain text: an unescaped bracket or backtick in it would be another link's, or code. */
const LINK = /\[((?:\\.|[^[\]`\\\n])*)\]\(([^\s()]+) "confluence:(user|include|excerpt)(?:=([A-Za-z0-9.%]*))?"\)/y;
const COMMENT = /<!-- (\/?)excerpt(?:=([A-Za-z0-9.%]*))? -->/y;

/** Finds the references of stored Markdown in one pass, without parsing it: escapes, code and autolinks are stepped over. */
export function* findReferences(markdown: string): Generator<FoundReference> {
  const special = /[\\`![<]/g;
  for (let match = special.exec(markdown); match; match = special.exec(markdown)) {
    const start = match.index;
    const character = match[0];
    if (character === '\\') special.lastIndex = start + 2;
    else if (character === '`') special.lastIndex = endOfCode(markdown, start);
    else if (character === '!') special.lastIndex = markdown[start + 1] === '[' ? start + 2 : start + 1;
    else if (character === '<' && endOfAutolink(markdown, start) > 0)
      special.lastIndex = endOfAutolink(markdown, start);
    else {
      const found = character === '[' ? linkAt(markdown, start) : commentAt(markdown, start);
      if (!found) continue;
      yield found;
      special.lastIndex = found.end;
    }
  }
}

const AUTOLINK = /<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>/y;

/** Where `<https://…>` ends: nothing is escaped in it. 0 when there is none. */
function endOfAutolink(markdown: string, start: number): number {
  AUTOLINK.lastIndex = start;
  return AUTOLINK.test(markdown) ? AUTOLINK.lastIndex : 0;
}

/** Code ends at the next run of as many backticks, in a line or as a fence. */
function endOfCode(markdown: string, start: number): number {
  let open = start;
  while (markdown[open] === '`') open++;
  const fence = markdown.slice(start, open);
  for (let at = markdown.indexOf(fence, open); at !== -1; ) {
    let end = at;
    while (markdown[end] === '`') end++;
    if (end - at === fence.length) return end;
    at = markdown.indexOf(fence, end);
  }
  return open;
}

function linkAt(markdown: string, start: number): FoundReference | undefined {
  LINK.lastIndex = start;
  const match = LINK.exec(markdown);
  const [whole, label, url, what, name] = match ?? [];
  if (whole === undefined || label === undefined || url === undefined) return undefined;
  const place = { start, end: start + whole.length, label: unescapeLabel(label) };
  if (what === 'user') {
    const accountId = personOfUrl(url);
    return accountId === undefined ? undefined : { ...place, kind: 'user', accountId };
  }
  const page = pageOfUrl(url);
  if (!page) return undefined;
  const reference = what === 'excerpt' ? { ...page, excerpt: decodeURIComponent(name ?? '') } : page;
  return { ...place, kind: 'include', url, reference };
}

function commentAt(markdown: string, start: number): FoundReference | undefined {
  COMMENT.lastIndex = start;
  const match = COMMENT.exec(markdown);
  if (!match) return undefined;
  const place = { start, end: start + match[0].length };
  if (match[1] === '/') return { ...place, kind: 'excerptEnd' };
  return { ...place, kind: 'excerptStart', name: decodeURIComponent(match[2] ?? '') };
}

function unescapeLabel(label: string): string {
  return label.replace(/\\([!-/:-@[-`{-~])/g, '$1');
}
