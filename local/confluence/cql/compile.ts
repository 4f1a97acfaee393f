import { placeholders } from '../database.ts';
import { type DateContext, dateSpan } from './dates.ts';
import { CqlError } from './errors.ts';
import type { Expression, Operator, OrderBy, Query, Value } from './parse.ts';
import { type TextMatch, textMatch } from './text-match.ts';

export interface CompileContext extends DateContext {
  site: number;
  accountId: string;
}

export interface Sql {
  text: string;
  values: (string | number)[];
}

export interface CompiledQuery {
  where: Sql;
  /** Empty: by relevance. */
  orderBy: string;
  /** Positive text conditions, for relevance and highlighting. */
  matches: TextMatch[];
}

type Clause = Extract<Expression, { kind: 'clause' }>;

/**
 * Compiles CQL to a condition on `searchDoc d`, its attachment `a` (if it is one), the content `c` that it is or hangs
 * on, and the space `s`. What the simulator does not know is refused by name.
 */
export function compileCql(query: Query, context: CompileContext): CompiledQuery {
  const compiler = new Compiler(context);
  const where = query.where ? compiler.expression(query.where, false) : { text: '1', values: [] };
  return { where, orderBy: query.orderBy.map(orderTerm).join(', '), matches: compiler.matches };
}

class Compiler {
  readonly matches: TextMatch[] = [];
  readonly #context: CompileContext;

  constructor(context: CompileContext) {
    this.#context = context;
  }

  expression(expression: Expression, negated: boolean): Sql {
    if (expression.kind === 'clause') return this.#clause(expression, negated);
    if (expression.kind === 'not') {
      const part = this.expression(expression.part, !negated);
      return { text: `NOT (${part.text})`, values: part.values };
    }
    const parts = expression.parts.map((part) => this.expression(part, negated));
    return {
      text: `(${parts.map((part) => part.text).join(expression.kind === 'and' ? ' AND ' : ' OR ')})`,
      values: parts.flatMap((part) => part.values),
    };
  }

  #clause(clause: Clause, negated: boolean): Sql {
    const { field } = clause;
    switch (field) {
      case 'type':
        return equality(clause, (values) => oneOf('d.type', values.map(toType)));
      case 'space':
      case 'space.key':
        return equality(clause, (values) =>
          oneOf(
            'upper(s.key)',
            values.map((value) => value.toUpperCase()),
          ),
        );
      case 'space.type':
        return equality(clause, (values) => oneOf('s.type', values));
      case 'id':
      case 'content':
        return equality(clause, (values) => oneOf('d.contentId', values.map(toNumber)));
      case 'parent':
        return equality(clause, (values) => oneOf('c.parentId', values.map(toNumber)));
      case 'ancestor':
        return equality(clause, (values) => this.#ancestor(values.map(toNumber)));
      case 'label':
        return equality(clause, (values) => this.#label(values));
      case 'creator':
        return equality(clause, (values) => oneOf(AUTHOR, values), this.#accountOf);
      case 'contributor':
        return equality(clause, (values) => this.#contributor(values), this.#accountOf);
      case 'lastmodified':
        return this.#date('d.lastModified', clause);
      case 'created':
        return this.#date(CREATED, clause);
      case 'title':
        return clause.operator === '=' || clause.operator === '!='
          ? equality(clause, (values) => oneOf('d.title', values))
          : this.#text(clause, negated, true);
      case 'text':
      case 'sitesearch':
        return this.#text(clause, negated, false);
      default:
        throw new CqlError(`Field '${field}' does not exist or is not supported by the simulator`);
    }
  }

  #text({ field, operator, values }: Clause, negated: boolean, titleOnly: boolean): Sql {
    if (operator !== '~' && operator !== '!~') throw unsupported(field, operator);
    const match = textMatch(textOf(values[0]), titleOnly);
    if (match && operator === '~' && !negated) this.matches.push(match);
    const found: Sql = match
      ? { text: 'd.doc IN (SELECT rowid FROM searchText WHERE searchText MATCH ?)', values: [match.expression] }
      : { text: '0', values: [] };
    return operator === '~' ? found : not(found);
  }

  #date(column: string, { field, operator, values }: Clause): Sql {
    const [value] = values;
    if (!value) throw new CqlError(`${field} needs a date`);
    const { start, end } = dateSpan(value, this.#context);
    // Comparisons look at whole minutes: `> "10:30"` leaves all of 10:30 out.
    const afterMinute = start + 60_000;
    switch (operator) {
      case '>=':
        return { text: `${column} >= ?`, values: [start] };
      case '>':
        return { text: `${column} >= ?`, values: [afterMinute] };
      case '<=':
        return { text: `${column} < ?`, values: [afterMinute] };
      case '<':
        return { text: `${column} < ?`, values: [start] };
      case '=':
        return { text: `(${column} >= ? AND ${column} < ?)`, values: [start, end] };
      case '!=':
        return { text: `NOT (${column} >= ? AND ${column} < ?)`, values: [start, end] };
      default:
        throw unsupported(field, operator);
    }
  }

  #ancestor(ids: number[]): Sql {
    const { site } = this.#context;
    return {
      text: `c.id IN (WITH RECURSIVE below AS (
        SELECT id FROM content WHERE site = ? AND parentId IN (${placeholders(ids)})
        UNION SELECT k.id FROM below b CROSS JOIN content k INDEXED BY contentByParent ON k.parentId = b.id WHERE k.site = ?) SELECT id FROM below)`,
      values: [site, ...ids, site],
    };
  }

  #label(names: string[]): Sql {
    const { site, accountId } = this.#context;
    return {
      text: `d.contentId IN (SELECT cl.contentId FROM contentLabel cl JOIN label l ON l.site = cl.site AND l.id = cl.labelId
        WHERE cl.site = ? AND l.name IN (${placeholders(names)}) AND (l.prefix <> 'my' OR l.ownerId = ?))`,
      values: [site, ...names, accountId],
    };
  }

  #contributor(accountIds: string[]): Sql {
    const list = placeholders(accountIds);
    return {
      text: `(${AUTHOR} IN (${list}) OR coalesce(a.versionAuthorId, c.versionAuthorId) IN (${list})
        OR c.id IN (SELECT contentId FROM version WHERE site = c.site AND authorId IN (${list})))`,
      values: [...accountIds, ...accountIds, ...accountIds],
    };
  }

  readonly #accountOf = (value: Value): string => {
    if (!('function' in value)) return value.text;
    if (value.function === 'currentuser') return this.#context.accountId;
    throw new CqlError(`Unsupported function: ${value.function}`);
  };
}

const AUTHOR = 'coalesce(a.versionAuthorId, c.authorId)';
const CREATED = 'coalesce(a.createdAt, c.createdAt)';

/** A field that knows only =, !=, in and not in. */
function equality(
  { field, operator, values }: Clause,
  condition: (values: string[]) => Sql,
  read: (value: Value) => string = textOf,
): Sql {
  const found = () => condition(values.map(read));
  if (operator === '=' || operator === 'in') return found();
  if (operator === '!=' || operator === 'not in') return not(found());
  throw unsupported(field, operator);
}

function oneOf(column: string, values: (string | number)[]): Sql {
  return { text: `${column} IN (${placeholders(values)})`, values };
}

function not({ text, values }: Sql): Sql {
  return { text: `NOT (${text})`, values };
}

function textOf(value: Value | undefined): string {
  if (value && 'text' in value) return value.text;
  throw new CqlError(`Unsupported function: ${value?.function}`);
}

function toType(value: string): string {
  const type = value.toLowerCase();
  if (['page', 'blogpost', 'attachment'].includes(type)) return type;
  throw new CqlError(`The simulator searches page, blogpost and attachment, not '${value}'`);
}

function toNumber(value: string): number {
  const digits = value.replace(/^att/, '');
  if (!/^\d{1,15}$/.test(digits)) throw new CqlError(`Not a content id: ${value}`);
  return Number(digits);
}

function unsupported(field: string, operator: Operator): CqlError {
  return new CqlError(`Operator '${operator}' is not supported for field '${field}'`);
}

function orderTerm({ field, descending }: OrderBy): string {
  const columns: Readonly<Record<string, string>> = {
    lastmodified: 'd.lastModified',
    created: CREATED,
    title: 'd.title',
    id: 'd.contentId',
    type: 'd.type',
    space: 's.key',
  };
  const column = columns[field];
  if (!column) throw new CqlError(`Cannot order by '${field}'`);
  return `${column} ${descending ? 'DESC' : 'ASC'}`;
}
