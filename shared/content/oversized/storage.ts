import type { SiteContext } from '../context.ts';
import type { ConvertedPage } from '../convert.ts';
import { isIgnored } from '../elements.ts';
import { emojiOf } from '../emoji.ts';
import { TextBuffer } from '../text-buffer.ts';
import { readTokens, type TokenHandler } from '../tokens.ts';
import { OversizedPage } from './page.ts';

/** Converts a body whose tree would be too large; linear in time, and in memory but for the result. */
export function oversizedStorage(storage: string, site: SiteContext): Omit<ConvertedPage, 'hash'> {
  const writer = new StorageWriter(site);
  readTokens(storage, writer);
  return writer.finish();
}

/** In the middle of a line, perhaps of a word. Any other element ends a block where it begins and where it ends. */
const INLINE = new Set(
  (
    'a b strong i em u s strike del ins sub sup span font code kbd samp tt var cite dfn q small big time ' +
    'ac:link ac:link-body ac:plain-text-link-body ac:inline-comment-marker ac:emoticon ac:image ac:parameter'
  ).split(' '),
);

/** In the line or between blocks: only what is inside can tell. */
const APART = new Set(['ac:structured-macro', 'ac:macro']);

const CODE = new Set(['pre', 'ac:plain-text-body']);

/** The parameters that stand on the page. */
const SHOWN_PARAMETERS = new Set(['title', 'key']);

const PREFIXES = new Map([
  ['li', '- '],
  ['ac:task-body', '- '],
  ...[1, 2, 3, 4, 5, 6].map((level): [string, string] => [`h${level}`, `${'#'.repeat(level)} `]),
]);

class StorageWriter implements TokenHandler {
  readonly full = false;
  private readonly page: OversizedPage;
  private readonly code = new TextBuffer();
  private codeElement: string | undefined;
  /** An element whose content is not read, and how many of its name are open. */
  private ignored: string | undefined;
  private ignoredDepth = 0;
  private rows = 0;
  private readsNode = false;
  /** What a link or picture is called, while nothing inside says it. */
  private label = '';

  constructor(site: SiteContext) {
    this.page = new OversizedPage(site);
  }

  open(name: string, attributes: Record<string, string>, empty: boolean): void {
    if (this.ignored !== undefined) {
      if (name === this.ignored && !empty) this.ignoredDepth++;
      return;
    }
    if (this.codeElement !== undefined) {
      if (name === 'br') this.code.push('\n');
      return;
    }
    if (name === 'ac:adf-extension') this.readsNode = false;
    if (name === 'ac:adf-content') this.readsNode = true;
    if (this.isIgnored(name, attributes)) {
      if (empty) return;
      this.ignored = name;
      this.ignoredDepth = 1;
      return;
    }
    this.boundary(name);
    this.said(name, attributes);
    if (empty) return;
    if (PREFIXES.has(name)) this.page.begin(PREFIXES.get(name) ?? '');
    if (CODE.has(name)) this.codeElement = name;
    if (name === 'tr') this.rows++;
  }

  close(name: string): void {
    if (this.ignored !== undefined) {
      if (name === this.ignored && --this.ignoredDepth === 0) this.ignored = undefined;
      return;
    }
    if (this.codeElement !== undefined) {
      if (name === this.codeElement) this.endCode();
      return;
    }
    if (name === 'ac:link' || name === 'ac:image') this.endLabelled();
    if (name === 'tr') this.rows = Math.max(0, this.rows - 1);
    this.boundary(name);
    if (PREFIXES.has(name)) this.page.begin('');
  }

  text(value: string, cdata: boolean): void {
    if (this.ignored !== undefined) return;
    if (value.trim() !== '') this.label = '';
    if (this.codeElement === undefined) this.page.text(value);
    // A tool that indents a body puts white space around the CDATA section, which is not part of the code.
    else if (cdata || this.codeElement === 'pre' || value.trim() !== '') this.code.push(value);
  }

  finish() {
    if (this.codeElement !== undefined) this.endCode();
    return this.page.finish();
  }

  private isIgnored(name: string, attributes: Record<string, string>): boolean {
    if (name === 'ac:parameter') return !SHOWN_PARAMETERS.has(attributes['ac:name'] ?? '');
    // The fallback says what was just read again.
    if (name === 'ac:adf-fallback') return this.readsNode;
    return isIgnored(name);
  }

  /** What an element says by its attributes. */
  private said(name: string, attributes: Record<string, string>): void {
    if (name === 'ac:link') this.label = '';
    else if (name === 'ac:image') this.label = attributes['ac:alt'] ?? '';
    else if (name === 'img') this.page.text(attributes.alt ?? '');
    else if (name === 'ac:emoticon') this.page.text(emojiOf(attributes));
    else if (name === 'time') this.page.text(attributes.datetime ?? '');
    else if (name === 'ri:user') this.page.mention(attributes['ri:account-id'] ?? '');
    else this.label ||= attributes['ri:content-title'] ?? attributes['ri:filename'] ?? '';
  }

  private endLabelled(): void {
    this.page.text(this.label);
    this.label = '';
  }

  /** A table row is one line, whatever is in its cells. */
  private boundary(name: string): void {
    if (INLINE.has(name) || name.startsWith('ri:')) return;
    if (this.rows === 0 && !APART.has(name)) this.page.end();
    else this.page.separate(name === 'td' || name === 'th' ? ' | ' : ' ');
  }

  private endCode(): void {
    this.codeElement = undefined;
    this.page.code(this.code.take());
  }
}
