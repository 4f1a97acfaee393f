import { badRequest } from '../errors.ts';
import type { Token } from './lexer.ts';

export const RESERVED = new Set(
  'AND AS ASC BETWEEN BY CROSS DESC DISTINCT ESCAPE EXISTS FROM GROUP HAVING IN JOIN LIKE LIMIT NOT OFFSET OR ORDER SELECT TOP UNION VALUE WHERE'.split(
    ' ',
  ),
);

/** Reads tokens one after the other; what the grammar's rules have in common. `position` is its only state. */
export class TokenReader {
  protected position = 0;
  private readonly tokens: Token[];

  constructor(tokens: Token[]) {
    this.tokens = tokens;
  }

  protected name(): string {
    const name = this.optionalName();
    if (name === undefined) throw this.unexpected();
    return name;
  }

  protected optionalName(): string | undefined {
    const token = this.peek();
    if (token.kind !== 'word' || RESERVED.has(token.text.toUpperCase())) return undefined;
    this.position++;
    return token.text;
  }

  protected string(): string {
    const token = this.next();
    if (token.kind === 'string') return token.value;
    this.position--;
    throw this.unexpected();
  }

  protected peek(ahead = 0): Token {
    return this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)] ?? { kind: 'end', text: '', at: 0 };
  }

  protected next(): Token {
    const token = this.peek();
    this.position++;
    return token;
  }

  protected isWord(word: string): boolean {
    const token = this.peek();
    return token.kind === 'word' && token.text.toUpperCase() === word;
  }

  protected takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.position++;
    return true;
  }

  protected takeSymbol(symbol: string): boolean {
    const token = this.peek();
    if (token.kind !== 'symbol' || token.text !== symbol) return false;
    this.position++;
    return true;
  }

  protected expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected(word);
  }

  protected expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected(`'${symbol}'`);
  }

  protected unexpected(wanted?: string): Error {
    const { text, at } = this.peek();
    const hint = wanted === undefined ? '' : `, expected ${wanted}`;
    return badRequest(`Syntax error at offset ${at}: incorrect syntax near '${text}'${hint}.`);
  }

  protected notSupported(what: string): Error {
    return badRequest(`${what} (at offset ${this.peek().at}) is not supported by this emulator.`);
  }
}
