import { type Connection, readConnection } from '../connection/record.ts';
import { notUsable } from '../connection/tokens.ts';
import { patchConnection } from '../connection/update.ts';
import { readSpaces, type SpaceItem } from '../index/spaces.ts';
import type { Deps } from '../platform/deps.ts';
import { ProblemError } from '../platform/problem.ts';
import { fetchAll } from '../platform/query.ts';

export interface SpaceView {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  /** Pages in the index. */
  readonly pages: number;
  readonly excluded: boolean;
}

/** The synced spaces by key, with their pages; excluded ones are marked. Empty for a tenant that is not connected. */
export async function listSpaces(
  deps: Pick<Deps, 'control' | 'pages'>,
  tenantId: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ spaces: SpaceView[]; nextCursor?: string }> {
  const connection = (await readConnection(deps, tenantId))?.item;
  if (!connection?.site || connection.status === 'disconnected') return { spaces: [] };
  const { cloudId } = connection.site;
  const [stored, counts] = await Promise.all([
    readSpaces(deps, tenantId, cloudId),
    countBySpace(deps, tenantId, cloudId),
  ]);
  const sorted = stored.sort((a, b) => compareKeys(a.key, b.key));
  const rest = sorted.filter(({ key }) => page.cursor === undefined || compareKeys(key, page.cursor) > 0);
  const shown = rest.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    spaces: shown.map((space) => spaceView(connection, space, counts.get(space.spaceId) ?? 0)),
    ...(rest.length > page.limit && last ? { nextCursor: last.key } : {}),
  };
}

/**
 * Excludes exactly these spaces. They leave every answer at once, because every reader compares with the connection;
 * the next ids pass, due now, removes their pages or brings back those of a space that is included again.
 *
 * @throws {ProblemError} 409 `not_connected`, 400 `invalid_arguments` for a key that is no synced space's
 */
export async function excludeSpaces(deps: Deps, tenantId: string, excludedKeys: readonly string[]): Promise<void> {
  const connection = (await readConnection(deps, tenantId))?.item;
  if (!connection?.site || connection.status === 'disconnected') throw notUsable(connection?.status);
  const known = new Set((await readSpaces(deps, tenantId, connection.site.cloudId)).map(({ key }) => key));
  const unknown = excludedKeys.filter((key) => !known.has(key) && !connection.excludedKeys.includes(key));
  if (unknown.length > 0) {
    throw new ProblemError(400, 'invalid_arguments', `Not a synced space: ${unknown.join(', ')}.`, {
      members: { fields: unknown.map((key) => ({ field: 'excludedKeys', problem: `${key} is not a synced space` })) },
    });
  }
  const now = deps.now().toISOString();
  await patchConnection(deps, tenantId, ({ passes }) => [
    { op: 'set', path: '/excludedKeys', value: [...new Set(excludedKeys)].sort() },
    { op: 'set', path: '/passes/ids', value: { ...passes.ids, dueAt: now } },
    { op: 'set', path: '/nextSyncAt', value: now },
  ]);
}

async function countBySpace(
  deps: Pick<Deps, 'pages'>,
  tenantId: string,
  cloudId: string,
): Promise<Map<string, number>> {
  const rows = await fetchAll<{ spaceId: string; pages: number }>(deps.pages, tenantId, {
    select: 'c.spaceId, COUNT(1) AS pages',
    where: 'c.type = "page" AND c.cloudId = @cloudId AND NOT IS_DEFINED(c.deletedAt)',
    parameters: { cloudId },
    tail: 'GROUP BY c.spaceId',
  });
  return new Map(rows.map(({ spaceId, pages }) => [spaceId, pages]));
}

function spaceView({ excludedKeys }: Connection, { key, name, spaceType }: SpaceItem, pages: number): SpaceView {
  return { key, name, type: spaceType, pages, excluded: excludedKeys.includes(key) };
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
