import type { PageReference } from './links.ts';
import { escapeText } from './markdown.ts';
import { type FoundReference, findReferences, type IncludeReference } from './references.ts';

/** A page that another page includes. */
export interface IncludedPage {
  readonly pageId: string;
  readonly title: string;
  readonly url: string;
  /** As stored, with its own references. */
  readonly markdown: string;
}

/** Looks up what references stand for; every method is asked once per need, never once per reference. */
export interface Resolver {
  /** Display names by account id; who is not in the map is shown by id. */
  displayNames(accountIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** One answer per reference, in order; undefined for a page that is not to be had. */
  pages(references: readonly PageReference[]): Promise<readonly (IncludedPage | undefined)[]>;
}

export interface ResolveOptions {
  /** The page the Markdown belongs to: it never includes itself. */
  readonly pageId?: string;
  /** How many levels of includes are followed; 3 unless told. */
  readonly maxDepth?: number;
  /** How many characters includes may add in all; further ones stay links. 1,000,000 unless told. */
  readonly maxIncludedCharacters?: number;
}

/**
 * Turns stored Markdown into what a reader sees: people by name, included pages and excerpts in place (below a line that
 * names their source), a link where a page is not to be had, includes itself, or lies too deep. Looks up all pages of one
 * level at once and all names at the end. Rejects only when the resolver does.
 */
export async function resolveReferences(
  markdown: string,
  resolver: Resolver,
  options: ResolveOptions = {},
): Promise<string> {
  const { pageId, maxDepth = 3, maxIncludedCharacters = 1_000_000 } = options;
  const budget = { characters: maxIncludedCharacters };
  const root = new Part(markdown, pageId === undefined ? [] : [pageId]);
  const lookup = pageLookup(resolver);
  for (let level = [root], depth = 0; level.some(({ includes }) => includes.length > 0) && depth < maxDepth; depth++) {
    level = await includeLevel(level, lookup, budget);
  }
  return nameAccounts(root.write(), resolver);
}

type Include = FoundReference & { kind: 'include' };

/** A piece of Markdown with the parts that take the places of its includes. */
class Part {
  readonly includes: Include[];
  readonly parts = new Map<Include, { part: Part; page: IncludedPage }>();
  /** The pages that surround this part, itself last. */
  readonly path: readonly string[];
  private readonly markdown: string;
  private readonly found: FoundReference[];

  constructor(markdown: string, path: readonly string[]) {
    this.markdown = markdown;
    this.path = path;
    this.found = [...findReferences(markdown)];
    this.includes = this.found.filter((each): each is Include => each.kind === 'include');
  }

  /** The Markdown with all parts in place, without the excerpt comments, which only includes need. */
  write(): string {
    let result = '';
    let from = 0;
    for (const reference of this.found) {
      if (reference.kind === 'user') continue;
      if (reference.kind === 'include') {
        result += this.markdown.slice(from, reference.start) + this.replacement(reference);
        from = reference.end;
        continue;
      }
      const lines = commentLines(this.markdown, reference);
      if (!lines) continue;
      result += this.markdown.slice(from, lines.start);
      from = lines.end;
    }
    return result + this.markdown.slice(from);
  }

  private replacement(reference: Include): string {
    const included = this.parts.get(reference);
    if (!included) return `[${escapeText(reference.label)}](${reference.url})`;
    const { page, part } = included;
    const lines = `From [${escapeText(page.title)}](${page.url}):\n\n${part.write().trim()}`.split('\n');
    const prefix = continuation(linePrefix(this.markdown, reference.start));
    return lines.map((line, index) => (index === 0 ? line : `${prefix}${line}`.trimEnd())).join('\n');
  }
}

/** Reads the pages of one level and puts them into its parts; returns the next level. */
async function includeLevel(
  level: readonly Part[],
  lookup: (references: readonly IncludeReference[]) => Promise<ReadonlyMap<string, IncludedPage | undefined>>,
  budget: { characters: number },
): Promise<Part[]> {
  const pages = await lookup(level.flatMap((part) => part.includes.map(({ reference }) => reference)));
  const next: Part[] = [];
  for (const parent of level) {
    for (const include of parent.includes) {
      const page = pages.get(keyOf(include.reference));
      if (!page || parent.path.includes(page.pageId)) continue;
      const { excerpt } = include.reference;
      const markdown = excerpt === undefined ? page.markdown : excerptOf(page.markdown, excerpt);
      if (markdown === undefined || markdown.length > budget.characters) continue;
      budget.characters -= markdown.length;
      const part = new Part(markdown, [...parent.path, page.pageId]);
      parent.parts.set(include, { part, page });
      next.push(part);
    }
  }
  return next;
}

/** Looks pages up once each, all that are new in one call. */
function pageLookup(resolver: Resolver) {
  const known = new Map<string, IncludedPage | undefined>();
  return async (references: readonly IncludeReference[]) => {
    const wanted = new Map(references.map(({ excerpt: _, ...page }): [string, PageReference] => [keyOf(page), page]));
    for (const key of known.keys()) wanted.delete(key);
    const pages = wanted.size > 0 ? await resolver.pages([...wanted.values()]) : [];
    [...wanted.keys()].forEach((key, index) => {
      known.set(key, pages[index]);
    });
    return known;
  };
}

function keyOf({ pageId, spaceKey, title }: PageReference): string {
  return JSON.stringify(pageId === undefined ? [spaceKey, title] : [pageId]);
}

/** The named excerpt of a page, or its first; undefined when it has none. Taken out of the containers around it. */
function excerptOf(markdown: string, name: string): string | undefined {
  let open = 0;
  let start: FoundReference | undefined;
  for (const each of findReferences(markdown)) {
    if (!start && each.kind === 'excerptStart' && (name === '' || each.name === name)) start = each;
    if (!start) continue;
    if (each.kind === 'excerptStart') open++;
    if (each.kind !== 'excerptEnd' || --open > 0) continue;
    const prefix = continuation(linePrefix(markdown, start.start));
    const lines = markdown.slice(start.end, each.start).split('\n');
    const bare = lines.map((line) => (line.startsWith(prefix) ? line.slice(prefix.length) : line.trimEnd()));
    // The last line is what stands before the closing comment, the container's prefix.
    return bare
      .slice(0, -1)
      .map((line) => (line === prefix.trimEnd() ? '' : line))
      .join('\n')
      .trim();
  }
  return undefined;
}

async function nameAccounts(markdown: string, resolver: Resolver): Promise<string> {
  const mentions = [...findReferences(markdown)].filter((each) => each.kind === 'user');
  if (mentions.length === 0) return markdown;
  const names = await resolver.displayNames([...new Set(mentions.map(({ accountId }) => accountId))]);
  let result = '';
  let from = 0;
  for (const { start, end, accountId, label } of mentions) {
    const person = `@${escapeText(names.get(accountId) ?? accountId)}`;
    // A link to a person may have a text of the author's, which stays.
    const shown = label.startsWith('@') ? person : `${escapeText(label)} (${person})`;
    result += markdown.slice(from, start) + shown;
    from = end;
  }
  return result + markdown.slice(from);
}

function linePrefix(markdown: string, at: number): string {
  return markdown.slice(markdown.lastIndexOf('\n', at - 1) + 1, at);
}

/** What the following lines of the same container begin with: quote marks stay, list markers become spaces. */
function continuation(prefix: string): string {
  return prefix.replace(/\[[ x]\] $/, '').replace(/[^>]/g, ' ');
}

/**
 * The lines of a comment with the blank one inside the excerpt. Where its line also begins a list item, what follows moves
 * up behind the marker.
 */
function commentLines(
  markdown: string,
  { start, end, kind }: FoundReference,
): { start: number; end: number } | undefined {
  const prefix = linePrefix(markdown, start);
  if (/[^> ]/.test(prefix)) {
    const inside = nextLine(markdown, nextLine(markdown, end));
    return kind === 'excerptStart' ? { start, end: inside + continuation(prefix).length } : undefined;
  }
  const first = start - prefix.length;
  if (kind === 'excerptStart') return { start: first, end: nextLine(markdown, nextLine(markdown, end)) };
  return { start: Math.max(0, markdown.lastIndexOf('\n', first - 2) + 1), end: nextLine(markdown, end) };
}

function nextLine(markdown: string, at: number): number {
  const end = markdown.indexOf('\n', at);
  return end === -1 ? markdown.length : end + 1;
}
