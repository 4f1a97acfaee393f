import type { OperationInput } from '@azure/cosmos';
import { AUTHOR_TTL_SECONDS, type AuthorItem, authorItemId } from '../index/authors.ts';
import type { Deps } from '../platform/deps.ts';
import { hasStatus, readItem } from '../platform/items.ts';

/** The write that keeps the name of the account that gave its consent: an `author` item like every other name. */
export function writeAccountName(
  { now }: Pick<Deps, 'now'>,
  tenantId: string,
  accountId: string,
  name: string,
): OperationInput {
  return { operationType: 'Upsert', resourceBody: { ...author(tenantId, accountId, name, now()) } };
}

/** The account's name. Names leave after a week: one that is not there is noted, and the next sync reads it. */
export async function readAccountName(
  deps: Pick<Deps, 'control'>,
  tenantId: string,
  accountId: string,
): Promise<string | undefined> {
  const stored = await readItem<AuthorItem>(deps.control, tenantId, authorItemId(accountId));
  if (!stored) await noteAccount(deps, tenantId, accountId);
  return stored?.item.displayName ?? undefined;
}

async function noteAccount(deps: Pick<Deps, 'control'>, tenantId: string, accountId: string): Promise<void> {
  try {
    await deps.control.items.create(author(tenantId, accountId, null, null));
  } catch (error) {
    if (!hasStatus(error, 409)) throw error;
  }
}

function author(tenantId: string, accountId: string, displayName: string | null, fetchedAt: Date | null): AuthorItem {
  return {
    id: authorItemId(accountId),
    tenantId,
    type: 'author',
    accountId,
    displayName,
    fetchedAt: fetchedAt?.toISOString() ?? null,
    ttl: AUTHOR_TTL_SECONDS,
  };
}
