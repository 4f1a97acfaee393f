import { hash } from 'node:crypto';
import { invalidArguments } from '../../platform/http-function.ts';
import { MAX_HITS } from './candidates.ts';

/**
 * A cursor says how many hits were seen of which search. Callers pass it back unread; one of another search is refused,
 * because its place means nothing there.
 *
 * @param search whatever makes up the search: its words, filters and scope
 */
export function writeCursor(offset: number, search: unknown): string {
  return Buffer.from(`${offset}.${fingerprint(search)}`).toString('base64url');
}

/** @throws {ProblemError} 400 `invalid_arguments` */
export function readCursor(cursor: string | undefined, search: unknown): number {
  if (cursor === undefined) return 0;
  const [, digits = '', print] = /^(\d{1,3})\.([\w-]+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const offset = Number(digits);
  if (print !== fingerprint(search) || digits === '' || offset < 1 || offset >= MAX_HITS) {
    throw invalidArguments([{ field: 'cursor', problem: 'is not the nextCursor of a former answer to this search' }]);
  }
  return offset;
}

function fingerprint(search: unknown): string {
  return hash('sha256', JSON.stringify(search), 'base64url').slice(0, 12);
}
