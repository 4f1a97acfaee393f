import type { ContentRow } from '../content/rows.ts';
import { findContent } from '../content/store.ts';
import type { Call } from '../gateway/call.ts';
import { toId } from '../gateway/parameters.ts';
import type { Answer } from '../http/exchange.ts';
import { unreadable } from './page-source.ts';

/** Runs `answer` with the page or blog post that the path names, unless this user cannot read it or it is in the trash. */
export function withContent(call: Call, kind: ContentRow['kind'], answer: (row: ContentRow) => Answer): Answer {
  const id = toId('id', call.params.id ?? '');
  const row = findContent(call.simulator, call.viewer, kind, id);
  return row && ['current', 'archived', 'draft'].includes(row.status) ? answer(row) : unreadable(call, kind, id);
}
