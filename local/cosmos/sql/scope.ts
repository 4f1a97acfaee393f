import { badRequest } from '../errors.ts';
import type { Json } from '../json.ts';
import type { PathExpression, Query, Source } from './ast.ts';
import { below, condition, resolveSteps, translate } from './expression.ts';
import { inDocument, pathLiteral, RANK, type Sql } from './value.ts';

export type SqlValue = string | number | null;

/** What a translation must know about the container that a query runs on. */
export interface QueryTarget {
  /** The SQLite table with the columns rid, pk, id, expires_at, doc. */
  table: string;
  partitionKeyPath: string[];
  documentCount(): number;
  /** The full-text index of a path such as `/body`; undefined without one. */
  fullText(path: string): FullTextSource | undefined;
}

export interface FullTextSource {
  /** The FTS5 table whose rowid is the document's. */
  table: string;
  totalWordCount(): number;
}

/** What is shared by all parts of one translation. */
interface Shared {
  target: QueryTarget;
  parameters: ReadonlyMap<string, Json>;
  bindings: Record<string, SqlValue>;
  /** Common table expressions and joins that full-text scores need. */
  scores: { name: string; table: string; wanted: string }[];
  aliases: number;
}

/** Where a name in a query points to, and what the translation has gathered: bound values, joins. */
export class Scope {
  readonly alias: string;
  readonly aggregates: boolean;
  readonly rowid = 'd.rid';
  private readonly shared: Shared;
  private readonly elements: ReadonlyMap<string, string>;

  constructor(alias: string, shared: Shared, elements: ReadonlyMap<string, string> = new Map(), aggregates = false) {
    this.alias = alias;
    this.shared = shared;
    this.elements = elements;
    this.aggregates = aggregates;
  }

  static of(target: QueryTarget, parameters: ReadonlyMap<string, Json>, alias: string): Scope {
    return new Scope(alias, { target, parameters, bindings: {}, scores: [], aliases: 0 });
  }

  get bindings(): Record<string, SqlValue> {
    return this.shared.bindings;
  }

  get scores(): Shared['scores'] {
    return this.shared.scores;
  }

  withAggregates(): Scope {
    return new Scope(this.alias, this.shared, this.elements, true);
  }

  withoutAggregates(): Scope {
    return new Scope(this.alias, this.shared, this.elements, false);
  }

  /** Adds `name IN path`: the scope that sees it, the FROM clause of SQLite, and the column with the element's index. */
  withElements(source: Source): { scope: Scope; from: string; key: string } {
    if (source.elementsOf === undefined) {
      throw badRequest(`'${source.alias}' must be the elements of an array: ${source.alias} IN path.`);
    }
    const list = this.path(source.elementsOf);
    const name = `e${this.shared.aliases++}`;
    const elements = new Map(this.elements).set(source.alias, name);
    // json_each would also walk objects and scalars, which have no elements in Cosmos DB.
    const from = `json_each(iif(${list.rank} = ${RANK.array}, ${list.json}, '[]')) AS ${name}`;
    return { scope: new Scope(this.alias, this.shared, elements, this.aggregates), from, key: `${name}.key` };
  }

  bind(value: SqlValue): string {
    const name = `b${Object.keys(this.shared.bindings).length}`;
    this.shared.bindings[name] = value;
    return `$${name}`;
  }

  parameter({ name, at }: { name: string; at: number }): Json | undefined {
    if (!this.shared.parameters.has(name)) {
      throw badRequest(`The parameter ${name} at offset ${at} has no value in the query's parameters.`);
    }
    return this.shared.parameters.get(name);
  }

  path(path: PathExpression): Sql {
    const element = this.elements.get(path.root);
    const literal = pathLiteral(resolveSteps(path, this));
    if (element !== undefined) return below(elementText(element), literal);
    if (path.root !== this.alias) {
      throw badRequest(`Identifier '${path.root}' at offset ${path.at} could not be resolved.`);
    }
    if (path.steps.length === 0) return { rank: String(RANK.object), value: 'json(d.doc)', json: 'json(d.doc)' };
    return inDocument('d.doc', literal);
  }

  /** `EXISTS (SELECT … FROM x IN path [JOIN …] [WHERE …])`. */
  exists(query: Query): string {
    const limited = query.top ?? query.offset ?? query.groupBy[0] ?? query.orderBy[0]?.value;
    if (limited !== undefined || query.select.kind !== 'value') {
      throw badRequest('EXISTS takes SELECT VALUE … FROM x IN path [WHERE …]; anything else is not supported.');
    }
    let scope: Scope = this.withoutAggregates();
    const from: string[] = [];
    for (const source of [query.from, ...query.joins]) {
      const next = scope.withElements(source);
      scope = next.scope;
      from.push(next.from);
    }
    const where = [`${translate(query.select.value, scope).rank} > 0`];
    if (query.where !== undefined) where.push(condition(query.where, scope, false));
    return `EXISTS (SELECT 1 FROM ${from.join(', ')} WHERE ${where.join(' AND ')})`;
  }

  documentCount(): number {
    return this.shared.target.documentCount();
  }

  fullText(path: string, at: number): FullTextSource {
    const index = this.shared.target.fullText(path);
    if (index !== undefined) return index;
    throw badRequest(
      `The full-text function at offset ${at} uses ${path}, which has no full-text policy and index in this container.`,
    );
  }

  /** The column with a document's score for an FTS5 query; NULL where it does not match. The query runs once, not once a row. */
  joinScores(table: string, wanted: string): string {
    const known = this.shared.scores.find(
      (score) => score.table === table && this.bindings[score.wanted.slice(1)] === wanted,
    );
    if (known !== undefined) return `${known.name}.score`;
    const name = `s${this.shared.scores.length}`;
    this.shared.scores.push({ name, table, wanted: this.bind(wanted) });
    return `${name}.score`;
  }
}

/** An array element as JSON text: json_each gives booleans as 0 and 1, strings without quotes. */
function elementText(name: string): string {
  return (
    `(CASE ${name}.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'null' THEN 'null' ` +
    `WHEN 'text' THEN json_quote(${name}.value) ELSE CAST(${name}.value AS TEXT) END)`
  );
}
