import type { SqlValue } from '../database.ts';
import { InvalidParameter } from './errors.ts';

/** Where a listing goes on: after this value of the sort column and this id. */
export interface Position {
  value: SqlValue;
  id: number;
}

/** What an opaque cursor holds. `start` is the position before the first row; `turn` only makes a cursor differ. */
interface CursorContent {
  id?: number;
  contentOrder: string;
  contentOrderValue?: SqlValue;
  start?: true;
  turn?: number;
}

/** Plain base64 with its `=`, `+` and `/`: a client that decodes twice or not at all breaks, as it does in reality. */
export function encodeCursor(order: string, position: Position | undefined, turn?: number): string {
  const content: CursorContent = {
    ...(position ? { id: position.id } : { start: true }),
    contentOrder: order,
    ...(position ? { contentOrderValue: position.value } : {}),
    ...(turn === undefined ? {} : { turn }),
  };
  return Buffer.from(JSON.stringify(content)).toString('base64');
}

export function decodeCursor(cursor: string, order: string): { position: Position | undefined; turn: number } {
  const content = parse(cursor);
  if (!content || content.contentOrder !== order)
    throw new InvalidParameter('cursor', cursor, 'a cursor of this listing');
  if (content.start) return { position: undefined, turn: content.turn ?? 0 };
  if (typeof content.id !== 'number') throw new InvalidParameter('cursor', cursor, 'a cursor of this listing');
  return { position: { id: content.id, value: content.contentOrderValue ?? null }, turn: content.turn ?? 0 };
}

function parse(cursor: string): CursorContent | undefined {
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, 'base64').toString('utf8'));
    return typeof content === 'object' && content !== null ? (content as CursorContent) : undefined;
  } catch {
    return undefined;
  }
}
