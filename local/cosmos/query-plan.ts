import type { Json } from './json.ts';
import type { Query } from './sql/ast.ts';
export function queryPlan(_query: Query, _parameters: ReadonlyMap<string, Json>): unknown {
  return {};
}
