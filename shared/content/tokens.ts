import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
import { count, TextBuffer } from './text-buffer.ts';

/** Hears what stands in a body, in order. */
export interface TokenHandler {
  /** True when the rest need not be read. */
  readonly full: boolean;
  /** A start tag; `empty` when no end tag belongs to it. Names are lower case, with their prefix as written. */
  open(name: string, attributes: Record<string, string>, empty: boolean): void;
  close(name: string): void;
  /** All text up to the next tag, or the exact text of a CDATA section. */
  text(value: string, cdata: boolean): void;
}

const VOID = new Set(['area', 'br', 'col', 'hr', 'img', 'input', 'link', 'meta', 'wbr']);

/** Most elements have none, and a page may have a million elements. */
const NO_ATTRIBUTES: Record<string, string> = Object.freeze({});

/** No title or address is longer: what is, is data, such as a picture inside its own tag. Read as if it were absent. */
const MAX_ATTRIBUTE = 32_768;

/** Editors write ten at most. */
const MAX_ATTRIBUTES = 64;

/**
 * Reads a storage format body, however broken, token by token. Never throws. HTML rules are used for entities
 * (`&rsquo;`) and stray `<`; the callback `isInForeignContext` switches HTML's raw-text elements off, so that names,
 * CDATA and `<x />` work as in XML.
 */
export function readTokens(storage: string, handler: TokenHandler): void {
  const source = repairExport(storage);
  const reader: TokenReader = new TokenReader(source, handler, () => tokenizer.pause());
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true, recognizeSelfClosing: true }, reader);
  tokenizer.write(source);
  tokenizer.end();
}

/**
 * XML space exports write `]] >` for the end of an inner CDATA section, so that no section ever ends. A body whose
 * sections all end is left alone: there `]] >` is the author's text.
 */
function repairExport(storage: string): string {
  if (!storage.includes(']] >') || count(storage, '<![CDATA[') <= count(storage, ']]>')) return storage;
  return storage.replace(/\]\] >(?=<\/ac:|<!\[CDATA\[)/g, ']]>');
}

/** Puts the tokenizer's positions together to names, attributes and texts. */
class TokenReader implements TokenizerCallbacks {
  private readonly source: string;
  private readonly handler: TokenHandler;
  private readonly stop: () => void;
  private readonly pending = new TextBuffer();
  private readonly value = new TextBuffer();
  private name = '';
  private attributes = NO_ATTRIBUTES;
  private attribute = '';
  private attributeCount = 0;

  constructor(source: string, handler: TokenHandler, stop: () => void) {
    this.source = source;
    this.handler = handler;
    this.stop = stop;
  }

  isInForeignContext(): boolean {
    return true;
  }

  ontext(start: number, end: number): void {
    this.pending.push(this.source.slice(start, end));
  }

  ontextentity(codePoint: number): void {
    this.pending.push(String.fromCodePoint(codePoint));
  }

  oncdata(start: number, end: number, endOffset: number): void {
    this.flushText();
    this.handler.text(this.source.slice(start, end - endOffset), true);
    this.stopWhenFull();
  }

  oncomment(start: number, end: number): void {
    // A CDATA section that never ends arrives as a comment; its text is content all the same.
    if (!this.source.startsWith('[CDATA[', start)) return;
    this.flushText();
    this.handler.text(this.source.slice(start + '[CDATA['.length, end), true);
  }

  onopentagname(start: number, end: number): void {
    this.flushText();
    // `<br\>` has been seen in real bodies.
    const name = this.source.slice(start, end).toLowerCase();
    this.name = name.endsWith('\\') ? name.slice(0, -1) : name;
    this.attributes = NO_ATTRIBUTES;
    this.attributeCount = 0;
  }

  onattribname(start: number, end: number): void {
    this.attribute = this.source.slice(start, end);
  }

  onattribdata(start: number, end: number): void {
    this.value.push(this.source.slice(start, end));
  }

  onattribentity(codePoint: number): void {
    this.value.push(String.fromCodePoint(codePoint));
  }

  onattribend(): void {
    const value = this.value.take();
    if (value.length > MAX_ATTRIBUTE || ++this.attributeCount > MAX_ATTRIBUTES) return;
    if (this.attributes === NO_ATTRIBUTES) this.attributes = {};
    if (!Object.hasOwn(this.attributes, this.attribute)) this.attributes[this.attribute] = value;
  }

  onopentagend(): void {
    this.openTag(VOID.has(this.name));
  }

  onselfclosingtag(): void {
    this.openTag(true);
  }

  onclosetag(start: number, end: number): void {
    this.flushText();
    this.handler.close(this.source.slice(start, end).toLowerCase());
  }

  onend(): void {
    this.flushText();
  }

  ondeclaration(): void {}

  onprocessinginstruction(): void {}

  private openTag(empty: boolean): void {
    this.handler.open(this.name, this.attributes, empty);
    this.stopWhenFull();
  }

  private flushText(): void {
    const text = this.pending.take();
    if (text === '') return;
    this.handler.text(text, false);
    this.stopWhenFull();
  }

  private stopWhenFull(): void {
    if (this.handler.full) this.stop();
  }
}
