import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
import { type ElementNode, element, text } from './tree.ts';

/** Deeper tags are ignored and their text is kept: every later step may recurse safely. */
const MAX_DEPTH = 640;

const VOID = new Set(['area', 'br', 'col', 'hr', 'img', 'input', 'link', 'meta', 'wbr']);

/** Most elements have none, and a page may have a million elements. */
const NO_ATTRIBUTES: Record<string, string> = Object.freeze({});

/** An unclosed element that ends where one of these opens right inside it. */
const ENDS = new Map<string, readonly string[]>([
  ['li', ['li']],
  ['p', ['p']],
  ['tr', ['tr']],
  ['td', ['td', 'th', 'tr']],
  ['th', ['td', 'th', 'tr']],
]);

/**
 * Parses a storage format body, however broken, into a tree under one element named `#root`. Never throws.
 *
 * The tokenizer is htmlparser2's; its `Parser` is not used because it searches and shifts a stack for every tag, which
 * makes deep or unclosed nesting quadratic. HTML rules are used for entities (`&rsquo;`) and stray `<`; the callback
 * `isInForeignContext` switches HTML's raw-text elements off, so that names, CDATA and `<x />` work as in XML.
 */
export function parseStorage(storage: string): ElementNode {
  const source = repairExport(storage);
  const builder = new TreeBuilder(source);
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true, recognizeSelfClosing: true }, builder);
  tokenizer.write(source);
  tokenizer.end();
  return builder.root;
}

/**
 * XML space exports write `]] >` for the end of an inner CDATA section, so that no section ever ends. A body whose
 * sections all end is left alone: there `]] >` is the author's text.
 */
function repairExport(storage: string): string {
  if (!storage.includes(']] >') || count(storage, '<![CDATA[') <= count(storage, ']]>')) return storage;
  return storage.replace(/\]\] >(?=<\/ac:|<!\[CDATA\[)/g, ']]>');
}

function count(haystack: string, needle: string): number {
  let found = 0;
  for (let at = haystack.indexOf(needle); at !== -1; at = haystack.indexOf(needle, at + needle.length)) found++;
  return found;
}

class TreeBuilder implements TokenizerCallbacks {
  readonly root = element('#root');
  private readonly source: string;
  private readonly stack: ElementNode[] = [this.root];
  /** How many elements of each name are open: a stray end tag is recognised without a search. */
  private readonly open = new Map<string, number>();
  private tooDeep = 0;
  private tag: ElementNode | undefined;
  private attribute = '';
  private value = '';
  private pending = '';

  constructor(source: string) {
    this.source = source;
  }

  isInForeignContext(): boolean {
    return true;
  }

  ontext(start: number, end: number): void {
    this.pending += this.source.slice(start, end);
  }

  ontextentity(codePoint: number): void {
    this.pending += String.fromCodePoint(codePoint);
  }

  oncdata(start: number, end: number, endOffset: number): void {
    this.flushText();
    this.top().children.push(text(this.source.slice(start, end - endOffset), true));
  }

  oncomment(start: number, end: number): void {
    // A CDATA section that never ends arrives as a comment; its text is content all the same.
    if (!this.source.startsWith('[CDATA[', start)) return;
    this.flushText();
    this.top().children.push(text(this.source.slice(start + '[CDATA['.length, end), true));
  }

  onopentagname(start: number, end: number): void {
    this.flushText();
    // `<br\>` has been seen in real bodies.
    const name = this.source.slice(start, end).toLowerCase();
    this.tag = element(name.endsWith('\\') ? name.slice(0, -1) : name, NO_ATTRIBUTES);
  }

  onattribname(start: number, end: number): void {
    this.attribute = this.source.slice(start, end);
    this.value = '';
  }

  onattribdata(start: number, end: number): void {
    this.value += this.source.slice(start, end);
  }

  onattribentity(codePoint: number): void {
    this.value += String.fromCodePoint(codePoint);
  }

  onattribend(): void {
    if (!this.tag) return;
    if (this.tag.attributes === NO_ATTRIBUTES) this.tag = element(this.tag.name);
    if (!Object.hasOwn(this.tag.attributes, this.attribute)) this.tag.attributes[this.attribute] = this.value;
  }

  onopentagend(): void {
    this.startElement(false);
  }

  onselfclosingtag(): void {
    this.startElement(true);
  }

  onclosetag(start: number, end: number): void {
    this.flushText();
    const name = this.source.slice(start, end).toLowerCase();
    if (this.tooDeep > 0) {
      this.tooDeep--;
      return;
    }
    if (!this.open.get(name)) return;
    while (this.pop() !== name);
  }

  onend(): void {
    this.flushText();
  }

  ondeclaration(): void {}

  onprocessinginstruction(): void {}

  private startElement(empty: boolean): void {
    const tag = this.tag;
    this.tag = undefined;
    if (!tag) return;
    const closed = empty || VOID.has(tag.name);
    if (this.tooDeep > 0 || (!closed && this.stack.length >= MAX_DEPTH)) {
      if (!closed) this.tooDeep++;
      else this.top().children.push(tag);
      return;
    }
    while (ENDS.get(this.top().name)?.includes(tag.name)) this.pop();
    this.top().children.push(tag);
    if (closed) return;
    this.stack.push(tag);
    this.open.set(tag.name, (this.open.get(tag.name) ?? 0) + 1);
  }

  private pop(): string {
    const name = this.top().name;
    this.stack.pop();
    this.open.set(name, (this.open.get(name) ?? 1) - 1);
    return name;
  }

  private top(): ElementNode {
    return this.stack.at(-1) ?? this.root;
  }

  private flushText(): void {
    if (this.pending === '') return;
    this.top().children.push(text(this.pending));
    this.pending = '';
  }
}
