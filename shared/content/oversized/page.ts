import type { SiteContext } from '../context.ts';
import type { ConvertedPage } from '../convert.ts';
import { personUrl } from '../links.ts';
import { codeFence } from '../markdown.ts';
import { type OutlineEntry, Slugs } from '../outline.ts';
import { collapseSpace } from '../phrasing.ts';
import { shorten } from '../plain-text.ts';
import { REFERENCE_TITLE } from '../references.ts';
import { piecesOf, TextBuffer } from '../text-buffer.ts';

/** Stands in front, so that nobody takes the page for all there is. */
const MARK = '*(page too large: only its headings, paragraphs, list items, table rows and code)*';

/** A million entries would be larger than the page; later headings are paragraphs. */
const MAX_HEADINGS = 5_000;

const MAX_EXCERPT_SOURCE = 600;

/** A pattern's matches in a text are kept in memory until its last one is found. */
const MAX_PIECE = 16_384;

/**
 * Writes a page block by block while it is read, with nothing kept but the result: any page takes linear time and little
 * more memory than its text. Every character that could mean something in Markdown is escaped, wherever it stands.
 */
export class OversizedPage {
  private readonly markdown = new TextBuffer();
  private readonly plain = new TextBuffer();
  private readonly outline: OutlineEntry[] = [];
  private readonly slugs = new Slugs();
  private markdownLength = 0;
  private plainLength = 0;
  private excerpt = '';

  /** The current block: what was added last, as it came, and what was before it, escaped and as text. */
  private readonly raw = new TextBuffer();
  private readonly line = new TextBuffer();
  private readonly lineText = new TextBuffer();
  private lineIsEmpty = true;
  private gap = '';
  private prefix = '';

  private readonly site: SiteContext;
  private readonly accountIds = new Set<string>();

  constructor(site: SiteContext) {
    this.site = site;
    this.writeMarkdown(MARK);
  }

  /** Adds text to the current block. */
  text(value: string): void {
    this.raw.push(value);
  }

  /** Adds a person to the current block, as a reference (see `references.ts`). */
  mention(accountId: string): void {
    if (accountId === '') return;
    this.takeRaw();
    this.closeGap();
    this.accountIds.add(accountId);
    this.line.push(`[@${escapeAnywhere(accountId)}](${personUrl(this.site, accountId)} "${REFERENCE_TITLE}user")`);
  }

  /** What stands between this and the next text of the block, if both have any. */
  separate(gap: string): void {
    this.takeRaw();
    this.widenGap(gap);
  }

  /** Says what the next block is: `- ` makes it a list item, `# ` to `###### ` a heading, nothing a paragraph. */
  begin(prefix: string): void {
    const isHeading = prefix.startsWith('#');
    this.prefix = isHeading && this.outline.length >= MAX_HEADINGS ? '' : prefix;
  }

  /** Ends the current block; one without text is none. */
  end(): void {
    this.takeRaw();
    if (this.lineIsEmpty) return;
    const line = escapeStart(this.line.take());
    const text = this.lineText.take().trim();
    const isHeading = this.prefix.startsWith('#');
    if (isHeading) this.addHeading(this.prefix.length - 1, text);
    this.writeMarkdown(`\n\n${this.prefix}${line}`);
    this.writeText(text, !isHeading);
    this.lineIsEmpty = true;
    this.gap = '';
    this.prefix = '';
  }

  /** Ends the current block and adds one of code, exact. */
  code(value: string): void {
    this.end();
    const fence = codeFence(value);
    this.writeMarkdown(`\n\n${fence}\n`);
    this.writeMarkdown(value);
    this.writeMarkdown(`${value === '' ? '' : '\n'}${fence}`);
    this.writeText(value.trim(), false);
  }

  /** The page, once. */
  finish(): Omit<ConvertedPage, 'hash'> {
    this.end();
    this.writeMarkdown('\n');
    return {
      markdown: this.markdown.take(),
      text: this.plain.take(),
      excerpt: shorten(this.excerpt.trim()),
      outline: this.outline,
      references: { accountIds: [...this.accountIds], includes: [] },
    };
  }

  private takeRaw(): void {
    const raw = collapseSpace(this.raw.take());
    const text = raw.trim();
    if (raw.startsWith(' ')) this.widenGap(' ');
    if (text !== '') {
      this.closeGap();
      for (const piece of piecesOf(text, MAX_PIECE)) this.line.push(escapeAnywhere(piece));
      this.lineText.push(text);
    }
    if (raw.endsWith(' ')) this.widenGap(' ');
  }

  private widenGap(gap: string): void {
    if (this.gap.length < gap.length) this.gap = gap;
  }

  private closeGap(): void {
    if (!this.lineIsEmpty && this.gap !== '') {
      this.line.push(this.gap);
      this.lineText.push(' ');
    }
    this.gap = '';
    this.lineIsEmpty = false;
  }

  private addHeading(level: number, text: string): void {
    const offset = this.markdownLength + '\n\n'.length;
    const textOffset = this.plainLength + (this.plainLength === 0 ? 0 : 1);
    this.outline.push({ level, text, anchor: this.slugs.next(text), offset, textOffset });
  }

  private writeMarkdown(part: string): void {
    this.markdown.push(part);
    this.markdownLength += part.length;
  }

  private writeText(line: string, isProse: boolean): void {
    if (line === '') return;
    const part = this.plainLength === 0 ? line : `\n${line}`;
    this.plain.push(part);
    this.plainLength += part.length;
    if (isProse && this.excerpt.length < MAX_EXCERPT_SOURCE) {
      this.excerpt += `${line.slice(0, MAX_EXCERPT_SOURCE)} `;
    }
  }
}

function escapeAnywhere(text: string): string {
  return text.replace(/[\\`*_[\]<>#|~]|&(?=[#A-Za-z]|$)/g, '\\$&');
}

/** What makes a list or a line only where it stands first. */
function escapeStart(line: string): string {
  return line.replace(/^(?:(?=[-+=])|(\d{1,9})(?=[.)]))/, '$1\\');
}
