import { CqlError } from './errors.ts';
import { type Token, tokenize } from './tokens.ts';

export type Operator = '=' | '!=' | '~' | '!~' | '>' | '>=' | '<' | '<=' | 'in' | 'not in';

export type Value = { text: string } | { function: string; argument?: string };

export type Expression =
  | { kind: 'and' | 'or'; parts: Expression[] }
  | { kind: 'not'; part: Expression }
  | { kind: 'clause'; field: string; operator: Operator; values: Value[] };

export interface OrderBy {
  field: string;
  descending: boolean;
}

export interface Query {
  where: Expression | undefined;
  orderBy: OrderBy[];
}

/** Parses CQL. Throws a `CqlError` that says what was expected and what stood there. */
export function parseCql(cql: string): Query {
  return new Parser(tokenize(cql)).query();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  query(): Query {
    const where = this.#isWord('order') ? undefined : this.#or();
    const orderBy: OrderBy[] = [];
    if (this.#takeWord('order')) {
      if (!this.#takeWord('by')) throw this.#expected('"by"');
      do orderBy.push(this.#order());
      while (this.#take('punctuation', ','));
    }
    if (this.#peek().kind !== 'end') throw this.#expected('AND, OR or "order by"');
    return { where, orderBy };
  }

  #order(): OrderBy {
    const field = this.#fieldName();
    if (this.#takeWord('desc')) return { field, descending: true };
    this.#takeWord('asc');
    return { field, descending: false };
  }

  #or(): Expression {
    const parts = [this.#and()];
    while (this.#takeWord('or')) parts.push(this.#and());
    return combine('or', parts);
  }

  #and(): Expression {
    const parts = [this.#not()];
    while (this.#takeWord('and')) parts.push(this.#not());
    return combine('and', parts);
  }

  #not(): Expression {
    if (this.#takeWord('not')) return { kind: 'not', part: this.#not() };
    if (!this.#take('punctuation', '(')) return this.#clause();
    const inner = this.#or();
    if (!this.#take('punctuation', ')')) throw this.#expected('")"');
    return inner;
  }

  #clause(): Expression {
    const field = this.#fieldName();
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'not in' ? this.#list() : [this.#value()];
    return { kind: 'clause', field, operator, values };
  }

  #fieldName(): string {
    const token = this.#peek();
    if (token.kind !== 'word') throw this.#expected('a field');
    this.#at++;
    return token.text.toLowerCase();
  }

  #operator(): Operator {
    const token = this.#peek();
    if (token.kind === 'operator') {
      this.#at++;
      return token.text as Operator;
    }
    if (this.#takeWord('in')) return 'in';
    if (this.#takeWord('not')) {
      if (this.#takeWord('in')) return 'not in';
      throw this.#expected('"in"');
    }
    throw this.#expected('an operator');
  }

  #list(): Value[] {
    if (!this.#take('punctuation', '(')) throw this.#expected('"("');
    const values = [this.#value()];
    while (this.#take('punctuation', ',')) values.push(this.#value());
    if (!this.#take('punctuation', ')')) throw this.#expected('")"');
    return values;
  }

  #value(): Value {
    const token = this.#peek();
    if (token.kind !== 'word' && token.kind !== 'string') throw this.#expected('a value');
    this.#at++;
    if (token.kind === 'string' || !this.#take('punctuation', '(')) return { text: token.text };
    const argument = this.#peek();
    const given = argument.kind === 'string';
    if (given) this.#at++;
    if (!this.#take('punctuation', ')')) throw this.#expected('")"');
    return { function: token.text.toLowerCase(), ...(given ? { argument: argument.text } : {}) };
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: 'the end' };
  }

  #isWord(word: string): boolean {
    const token = this.#peek();
    return token.kind === 'word' && token.text.toLowerCase() === word;
  }

  #takeWord(word: string): boolean {
    if (!this.#isWord(word)) return false;
    this.#at++;
    return true;
  }

  #take(kind: Token['kind'], text: string): boolean {
    const token = this.#peek();
    if (token.kind !== kind || token.text !== text) return false;
    this.#at++;
    return true;
  }

  #expected(what: string): CqlError {
    return new CqlError(`Expected ${what} but got : ${this.#peek().text}`);
  }
}

function combine(kind: 'and' | 'or', parts: Expression[]): Expression {
  const [only] = parts;
  return only && parts.length === 1 ? only : { kind, parts };
}
