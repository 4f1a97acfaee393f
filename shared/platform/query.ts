import type { Container, QueryIterator, SqlParameter } from '@azure/cosmos';

export interface TenantQuery {
  /** What is projected: `*` or a list such as `c.id, c.title`. */
  readonly select: string;
  /** The condition, beside the tenant's. */
  readonly where: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** `ORDER BY …`, `OFFSET … LIMIT …`. */
  readonly tail?: string;
  readonly maxItemCount?: number;
  readonly continuationToken?: string | undefined;
}

/**
 * A query inside one tenant's partition. The tenant stands in the condition and in the partition key, so no query built
 * here can see another tenant's items. The few that must are listed by `test/platform/queries.test.ts`.
 */
export function queryTenant<T>(container: Container, tenantId: string, query: TenantQuery): QueryIterator<T> {
  const parameters = Object.entries(query.parameters ?? {}).map(
    ([name, value]) => ({ name: `@${name}`, value }) as SqlParameter,
  );
  return container.items.query<T>(
    {
      query: `SELECT ${query.select} FROM c WHERE c.tenantId = @tenantId AND (${query.where})${query.tail ? ` ${query.tail}` : ''}`,
      parameters: [{ name: '@tenantId', value: tenantId }, ...parameters],
    },
    {
      partitionKey: tenantId,
      maxItemCount: query.maxItemCount ?? 500,
      ...(query.continuationToken ? { continuationToken: query.continuationToken } : {}),
    },
  );
}

/** All rows of a query that is bounded by what it asks for. */
export async function fetchAll<T>(container: Container, tenantId: string, query: TenantQuery): Promise<T[]> {
  const { resources } = await queryTenant<T>(container, tenantId, query).fetchAll();
  return resources;
}

/** Rows page by page, so that memory holds one page of them. */
export async function* fetchPages<T>(container: Container, tenantId: string, query: TenantQuery): AsyncGenerator<T[]> {
  const iterator = queryTenant<T>(container, tenantId, query);
  while (iterator.hasMoreResults()) {
    const { resources } = await iterator.fetchNext();
    if (resources && resources.length > 0) yield resources;
  }
}
