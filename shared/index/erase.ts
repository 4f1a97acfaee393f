import type { Container, OperationInput } from '@azure/cosmos';
import { runBulk } from '../platform/bulk.ts';
import type { Deps } from '../platform/deps.ts';
import { fetchAll } from '../platform/query.ts';

/** Items deleted at a time: a slice stays far below what a small database can take at once. */
const SLICE_ITEMS = 200;

/**
 * Deletes one slice of what is stored of a site: pages, their parts and attachments, then its spaces and labels.
 * Returns false when nothing was left. Safe to repeat.
 */
export async function eraseSlice(
  deps: Pick<Deps, 'pages' | 'control'>,
  tenantId: string,
  cloudId: string,
): Promise<boolean> {
  return (
    (await deleteSome(deps.pages, tenantId, cloudId, 'IS_STRING(c.type)')) ||
    (await deleteSome(deps.control, tenantId, cloudId, 'c.type IN ("space", "label")'))
  );
}

async function deleteSome(container: Container, tenantId: string, cloudId: string, which: string): Promise<boolean> {
  const ids = await fetchAll<string>(container, tenantId, {
    select: 'VALUE c.id',
    where: `c.cloudId = @cloudId AND ${which}`,
    parameters: { cloudId, limit: SLICE_ITEMS },
    tail: 'OFFSET 0 LIMIT @limit',
  });
  await runBulk(
    container,
    ids.map((id): OperationInput => ({ operationType: 'Delete', id, partitionKey: tenantId })),
  );
  return ids.length > 0;
}
