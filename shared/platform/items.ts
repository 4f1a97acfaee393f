import type { Container, ItemDefinition, OperationInput } from '@azure/cosmos';

/** An item with the ETag it was read at; the ETag goes into the condition of the next write. */
export interface Stored<T> {
  readonly item: T;
  readonly etag: string;
}

/** A point read; `undefined` when the item does not exist. The tenant is always named: it is the partition. */
export async function readItem<T extends ItemDefinition>(
  container: Container,
  tenantId: string,
  id: string,
): Promise<Stored<T> | undefined> {
  const { resource, etag } = await container.item(id, tenantId).read<T>();
  return resource === undefined ? undefined : { item: resource, etag };
}

/** The condition of a write that must not overwrite somebody else's. */
export function ifMatch(etag: string): { accessCondition: { type: 'IfMatch'; condition: string } } {
  return { accessCondition: { type: 'IfMatch', condition: etag } };
}

/** Whether a Cosmos DB error has this status: 404 not found, 409 exists, 412 condition not met. */
export function hasStatus(error: unknown, ...statuses: number[]): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'number' && statuses.includes(code);
}

/** Thrown by {@link runBatch} when an operation of the batch failed, and with it all of them. */
export class BatchError extends Error {
  override name = 'BatchError' as const;
  /** Status of the operation that failed, so that {@link hasStatus} reads it like any other Cosmos DB error. */
  readonly code: number;
  readonly index: number;

  constructor(code: number, index: number) {
    super(`operation ${index} of an atomic batch failed with ${code}`);
    this.code = code;
    this.index = index;
  }
}

/** Writes all operations or none, in one partition: at most 100 operations and 2 MB. Throws {@link BatchError}. */
export async function runBatch(container: Container, tenantId: string, operations: OperationInput[]): Promise<void> {
  const { code, result } = await container.items.batch(operations, tenantId);
  const failed = (result ?? []).findIndex(({ statusCode }) => statusCode >= 400 && statusCode !== 424);
  if (failed >= 0) throw new BatchError(result?.[failed]?.statusCode ?? code ?? 500, failed);
  if (code !== undefined && code >= 400) throw new BatchError(code, -1);
}
