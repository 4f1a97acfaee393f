import { badRequest } from '../errors.ts';
import type { CallExpression, Expression } from './ast.ts';
import { resolveSteps } from './expression.ts';
import type { Scope } from './scope.ts';
import { fromCondition, RANK, type Sql, scalar } from './value.ts';

/**
 * The full-text functions: the public ones, and those with an underscore, which only a query plan's rewritten queries hold.
 * Undefined for any other function.
 */
export function fullTextFunction(call: CallExpression, scope: Scope): Sql | undefined {
  switch (call.name) {
    case 'FULLTEXTCONTAINS':
      if (call.parameters.length !== 2)
        throw badRequest(`FullTextContains at offset ${call.at} takes a path and a phrase.`);
      return matches(call, scope, ' AND ');
    case 'FULLTEXTCONTAINSALL':
      return matches(call, scope, ' AND ');
    case 'FULLTEXTCONTAINSANY':
      return matches(call, scope, ' OR ');
    case '_FullTextScore':
      return score(call, scope);
    case '_FullTextTotalWordCount':
      return scalar(RANK.number, scope.bind(scope.fullText(indexedPath(call, scope), call.at).totalWordCount()));
    case '_FullTextDocumentCount':
      return scalar(RANK.number, scope.bind(scope.documentCount()));
    case '_FullTextHitCount': {
      const { table } = scope.fullText(indexedPath(call, scope), call.at);
      const phrase = scope.bind(quoted(text(call.parameters[1], call, scope)));
      return scalar(RANK.number, `(SELECT count(*) FROM ${table} WHERE ${table} MATCH ${phrase})`);
    }
    case 'FULLTEXTSCORE':
    case 'RRF':
      throw badRequest(`${call.name} at offset ${call.at} can only be used in ORDER BY RANK.`);
    default:
      return undefined;
  }
}

function matches(call: CallExpression, scope: Scope, joint: ' AND ' | ' OR '): Sql {
  const { table } = scope.fullText(indexedPath(call, scope), call.at);
  const phrases = call.parameters.slice(1).map((parameter) => quoted(text(parameter, call, scope)));
  if (phrases.length === 0) throw badRequest(`${call.name} at offset ${call.at} takes a path and at least one phrase.`);
  const wanted = scope.bind(phrases.join(joint));
  return fromCondition(() => `(${scope.rowid} IN (SELECT rowid FROM ${table} WHERE ${table} MATCH ${wanted}))`);
}

/**
 * BM25 as FTS5 computes it over the whole container. The statistics that the client sends back as further arguments are
 * FTS5's own, since there is one physical partition, so they are not needed here.
 */
function score(call: CallExpression, scope: Scope): Sql {
  const { table } = scope.fullText(indexedPath(call, scope), call.at);
  const list = call.parameters[1];
  const words = list?.kind === 'array' ? list.items : [];
  const wanted = words.map((word) => quoted(text(word, call, scope))).join(' OR ');
  const joined = scope.joinScores(table, wanted);
  return { rank: String(RANK.number), value: `coalesce(${joined}, 0.0)`, json: `coalesce(${joined}, 0.0)` };
}

function indexedPath(call: CallExpression, scope: Scope): string {
  const [path] = call.parameters;
  if (path?.kind !== 'path' || path.root !== scope.alias) {
    throw badRequest(`${call.name} at offset ${call.at} takes a path into the item first.`);
  }
  return `/${resolveSteps(path, scope).join('/')}`;
}

function text(expression: Expression | undefined, call: CallExpression, scope: Scope): string {
  const value = expression?.kind === 'parameter' ? scope.parameter(expression) : undefined;
  const known = expression?.kind === 'constant' ? expression.value : value;
  if (typeof known !== 'string') throw badRequest(`${call.name} at offset ${call.at} takes strings after the path.`);
  return known;
}

/** One FTS5 phrase: quoting leaves no operator of the user's in effect. */
const quoted = (phrase: string) => `"${phrase.replaceAll('"', '""').replaceAll('\u0000', ' ')}"`;
