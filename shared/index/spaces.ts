import type { OperationInput } from '@azure/cosmos';
import type { ConfluenceSpace } from '../atlassian/schemas.ts';
import { runBulk } from '../platform/bulk.ts';
import type { Deps } from '../platform/deps.ts';
import { fetchAll } from '../platform/query.ts';
import { sortIdOf } from './page.ts';

type SpaceDeps = Pick<Deps, 'control'>;

/** A space of the connected site that is, or was, synced. */
export interface SpaceItem {
  /** `space:{cloudId}:{spaceId}` */
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'space';
  readonly cloudId: string;
  readonly spaceId: string;
  readonly sortId: string;
  readonly key: string;
  readonly name: string;
  readonly spaceType: string;
  readonly status: string;
  readonly homepageId: string | null;
  /** The run that listed it last. */
  readonly listedIn: string;
  /** Not listed any more since then: permission, archive or deletion. Its pages stay for a while. */
  readonly missingSince?: string;
}

/** Writes spaces as a run just listed them; a space that is back loses its mark. */
export async function putSpaces(
  deps: SpaceDeps,
  tenantId: string,
  cloudId: string,
  runId: string,
  spaces: readonly ConfluenceSpace[],
): Promise<void> {
  await runBulk(
    deps.control,
    spaces.map(
      (space): OperationInput => ({
        operationType: 'Upsert',
        partitionKey: tenantId,
        resourceBody: { ...spaceItem(tenantId, cloudId, runId, space) } as never,
      }),
    ),
  );
}

function spaceItem(tenantId: string, cloudId: string, runId: string, space: ConfluenceSpace): SpaceItem {
  return {
    id: `space:${cloudId}:${space.id}`,
    tenantId,
    type: 'space',
    cloudId,
    spaceId: space.id,
    sortId: sortIdOf(space.id),
    key: space.key,
    name: space.name,
    spaceType: space.type,
    status: space.status,
    homepageId: space.homepageId ?? null,
    listedIn: runId,
  };
}

/** All spaces of the site that are stored, by id. Some thousands at most. */
export async function readSpaces(deps: SpaceDeps, tenantId: string, cloudId: string): Promise<SpaceItem[]> {
  return fetchAll<SpaceItem>(deps.control, tenantId, {
    select: '*',
    where: 'c.type = "space" AND c.cloudId = @cloudId',
    parameters: { cloudId },
    tail: 'ORDER BY c.sortId ASC',
  });
}

/** Marks a space that is no longer listed; an earlier mark stays. */
export async function markSpaceMissing(deps: SpaceDeps, space: SpaceItem, since: string): Promise<void> {
  if (space.missingSince !== undefined) return;
  await deps.control.item(space.id, space.tenantId).patch([{ op: 'set', path: '/missingSince', value: since }]);
}

export async function removeSpace(deps: SpaceDeps, space: SpaceItem): Promise<void> {
  await runBulk(deps.control, [{ operationType: 'Delete', id: space.id, partitionKey: space.tenantId }]);
}
