import { badRequest } from '../errors.ts';
import type { BinaryOperator, Expression, OrderBy, PathExpression, Query, Select, Source, Step } from './ast.ts';
import { tokenize } from './lexer.ts';
import { RESERVED, TokenReader } from './token-reader.ts';

/** Binary operators by how tightly they bind, loosest first. */
const LEVELS: BinaryOperator[][] = [['??'], ['OR'], ['AND'], [], ['||'], ['+', '-'], ['*', '/', '%']];
const NOT_LEVEL = 3;
const COMPARISONS: Record<string, BinaryOperator> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/**
 * Parses a Cosmos DB for NoSQL query. Throws 400 with the offset of the first token that does not fit; what the service
 * knows and this emulator does not is named as such.
 */
export function parse(text: string): Query {
  const parser = new Parser(tokenize(text));
  const query = parser.query();
  parser.end();
  return query;
}

/** Recursive descent: one method a grammar rule. */
class Parser extends TokenReader {
  query(): Query {
    this.expectWord('SELECT');
    let distinct = this.takeWord('DISTINCT');
    const top = this.takeWord('TOP') ? this.count() : undefined;
    distinct ||= this.takeWord('DISTINCT');
    const select = this.select();
    this.expectWord('FROM');
    const from = this.source();
    const joins: Source[] = [];
    while (this.takeWord('JOIN')) joins.push(this.join());
    const where = this.takeWord('WHERE') ? this.expression() : undefined;
    const groupBy: Expression[] = [];
    if (this.takeWord('GROUP')) {
      this.expectWord('BY');
      groupBy.push(...this.list());
    }
    const query: Query = {
      distinct,
      top,
      select,
      from,
      joins,
      where,
      groupBy,
      orderBy: [],
      rank: undefined,
      offset: undefined,
      limit: undefined,
    };
    if (this.takeWord('ORDER')) this.order(query);
    if (this.takeWord('OFFSET')) {
      query.offset = this.count();
      this.expectWord('LIMIT');
      query.limit = this.count();
    }
    return query;
  }

  end(): void {
    if (this.peek().kind !== 'end') throw this.unexpected();
  }

  private select(): Select {
    if (this.takeSymbol('*')) return { kind: 'star' };
    if (this.takeWord('VALUE')) return { kind: 'value', value: this.expression() };
    const items: { name: string; value: Expression }[] = [];
    do {
      const value = this.expression();
      const alias = this.takeWord('AS') ? this.name() : this.optionalName();
      items.push({ name: alias ?? defaultName(value, items.length), value });
    } while (this.takeSymbol(','));
    return { kind: 'list', items };
  }

  private source(): Source {
    const alias = this.name();
    if (this.takeWord('IN')) return { alias, elementsOf: this.path() };
    const next = this.peek();
    if (next.kind === 'symbol' && (next.text === '.' || next.text === '[')) {
      throw badRequest(`FROM a path at offset ${next.at} is not supported by this emulator; use FROM x IN c.path.`);
    }
    this.takeWord('AS');
    return { alias: this.optionalName() ?? alias, elementsOf: undefined };
  }

  private join(): Source {
    const alias = this.name();
    this.expectWord('IN');
    if (this.peek().text === '(') throw this.notSupported('JOIN with a subquery');
    return { alias, elementsOf: this.path() };
  }

  private order(query: Query): void {
    this.expectWord('BY');
    const at = this.peek().at;
    if (this.isWord('RANK') && this.peek(1).kind === 'word') {
      this.position++;
      const value = this.primary();
      if (value.kind !== 'call') throw badRequest(`Syntax error at offset ${at}: RANK takes FullTextScore or RRF.`);
      if (this.isWord('DESC') || this.isWord('ASC')) throw this.notSupported('A direction after ORDER BY RANK');
      query.rank = value;
      return;
    }
    const items: OrderBy[] = [];
    do {
      const value = this.expression();
      const descending = this.takeWord('DESC');
      if (!descending) this.takeWord('ASC');
      items.push({ value, descending });
    } while (this.takeSymbol(','));
    query.orderBy = items;
  }

  private count(): Expression {
    const token = this.peek();
    const value = this.primary();
    if (value.kind === 'constant' ? Number.isInteger(value.value) : value.kind === 'parameter') return value;
    throw badRequest(`Syntax error at offset ${token.at}: expected a whole number or a parameter.`);
  }

  private path(): PathExpression {
    const value = this.primary();
    if (value.kind !== 'path') throw badRequest(`Syntax error at offset ${value.at}: expected a path such as c.items.`);
    return value;
  }

  private list(): Expression[] {
    const items = [this.expression()];
    while (this.takeSymbol(',')) items.push(this.expression());
    return items;
  }

  private expression(): Expression {
    const test = this.binary(0);
    if (!this.takeSymbol('?')) return test;
    const yes = this.expression();
    this.expectSymbol(':');
    return { kind: 'conditional', at: test.at, test, yes, no: this.expression() };
  }

  private binary(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.unary();
    if (level === NOT_LEVEL) return this.not();
    let left = this.binary(level + 1);
    for (;;) {
      const operator = this.takeOperator(operators);
      if (operator === undefined) return left;
      left = { kind: 'binary', at: left.at, operator, left, right: this.binary(level + 1) };
    }
  }

  private not(): Expression {
    const { at } = this.peek();
    if (this.takeWord('NOT')) return { kind: 'unary', at, operator: 'NOT', operand: this.not() };
    return this.comparison();
  }

  private comparison(): Expression {
    const left = this.binary(NOT_LEVEL + 1);
    const { at } = left;
    const token = this.peek();
    const operator = token.kind === 'symbol' ? COMPARISONS[token.text] : undefined;
    if (operator !== undefined) {
      this.position++;
      return { kind: 'binary', at, operator, left, right: this.binary(NOT_LEVEL + 1) };
    }
    const negated = this.isWord('NOT') && ['IN', 'BETWEEN', 'LIKE'].includes(this.peek(1).text.toUpperCase());
    if (negated) this.position++;
    const matched = this.matched(left);
    if (matched === undefined) return left;
    return negated ? { kind: 'unary', at, operator: 'NOT', operand: matched } : matched;
  }

  private matched(value: Expression): Expression | undefined {
    const { at } = value;
    if (this.takeWord('IN')) {
      this.expectSymbol('(');
      const list = this.list();
      this.expectSymbol(')');
      return { kind: 'in', at, value, list };
    }
    if (this.takeWord('BETWEEN')) {
      const low = this.binary(NOT_LEVEL + 1);
      this.expectWord('AND');
      return { kind: 'between', at, value, low, high: this.binary(NOT_LEVEL + 1) };
    }
    if (this.takeWord('LIKE')) {
      const pattern = this.binary(NOT_LEVEL + 1);
      return { kind: 'like', at, value, pattern, escape: this.takeWord('ESCAPE') ? this.string() : undefined };
    }
    return undefined;
  }

  private unary(): Expression {
    const { at } = this.peek();
    if (this.takeSymbol('+')) return this.unary();
    if (!this.takeSymbol('-')) return this.primary();
    const operand = this.unary();
    if (operand.kind === 'constant' && typeof operand.value === 'number') {
      return { kind: 'constant', at, value: -operand.value };
    }
    return { kind: 'unary', at, operator: '-', operand };
  }

  private primary(): Expression {
    const token = this.next();
    const { at } = token;
    switch (token.kind) {
      case 'number':
      case 'string':
        return { kind: 'constant', at, value: token.value };
      case 'parameter':
        return { kind: 'parameter', at, name: token.text };
      case 'word':
        return this.word(token.text, at);
      case 'symbol':
        if (token.text === '(') return this.group();
        if (token.text === '[') return { kind: 'array', at, items: this.until(']', () => this.expression()) };
        if (token.text === '{') return { kind: 'object', at, entries: this.until('}', () => this.entry()) };
    }
    this.position--;
    throw this.unexpected();
  }

  private group(): Expression {
    if (this.isWord('SELECT')) throw this.notSupported('A scalar subquery');
    const inner = this.expression();
    this.expectSymbol(')');
    return inner;
  }

  private word(text: string, at: number): Expression {
    switch (text.toUpperCase()) {
      case 'TRUE':
        return { kind: 'constant', at, value: true };
      case 'FALSE':
        return { kind: 'constant', at, value: false };
      case 'NULL':
        return { kind: 'constant', at, value: null };
      case 'UNDEFINED':
        return { kind: 'constant', at, value: undefined };
      case 'EXISTS': {
        this.expectSymbol('(');
        const query = this.query();
        this.expectSymbol(')');
        return { kind: 'exists', at, query };
      }
    }
    if (this.peek().text === '(') {
      this.position++;
      if (this.isWord('SELECT')) throw this.notSupported(`${text} of a subquery`);
      return {
        kind: 'call',
        at,
        name: text.startsWith('_') ? text : text.toUpperCase(),
        parameters: this.until(')', () => this.expression()),
      };
    }
    if (RESERVED.has(text.toUpperCase())) {
      this.position--;
      throw this.unexpected();
    }
    return { kind: 'path', at, root: text, steps: this.steps() };
  }

  private steps(): Step[] {
    const steps: Step[] = [];
    for (;;) {
      if (this.takeSymbol('.')) {
        const token = this.next();
        if (token.kind !== 'word') {
          this.position--;
          throw this.unexpected();
        }
        if (this.peek().text === '(') throw this.notSupported('A user-defined function');
        steps.push(token.text);
      } else if (this.takeSymbol('[')) {
        const token = this.next();
        if (token.kind === 'string' || token.kind === 'number') steps.push(token.value);
        else if (token.kind === 'parameter') steps.push({ parameter: token.text });
        else throw badRequest(`Syntax error at offset ${token.at}: expected a property's name or an array index.`);
        this.expectSymbol(']');
      } else return steps;
    }
  }

  private entry(): [string, Expression] {
    const token = this.next();
    if (token.kind !== 'string' && token.kind !== 'word') {
      this.position--;
      throw this.unexpected();
    }
    this.expectSymbol(':');
    return [token.kind === 'string' ? token.value : token.text, this.expression()];
  }

  private until<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    if (this.takeSymbol(close)) return items;
    do items.push(item());
    while (this.takeSymbol(','));
    this.expectSymbol(close);
    return items;
  }

  private takeOperator(operators: BinaryOperator[]): BinaryOperator | undefined {
    const token = this.peek();
    const text = token.kind === 'word' ? token.text.toUpperCase() : token.text;
    const found = token.kind === 'string' ? undefined : operators.find((operator) => operator === text);
    if (found !== undefined) this.position++;
    return found;
  }
}

/** The name the service gives a projected expression without an alias: the last property's, else `$1`, `$2`, … */
export function defaultName(value: Expression, index: number): string {
  if (value.kind === 'path') {
    const last = value.steps.at(-1) ?? value.root;
    if (typeof last === 'string') return last;
  }
  return `$${index + 1}`;
}
