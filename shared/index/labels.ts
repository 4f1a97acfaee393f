import type { OperationInput } from '@azure/cosmos';
import type { ConfluenceLabel } from '../atlassian/schemas.ts';
import { runBulk } from '../platform/bulk.ts';
import type { Deps } from '../platform/deps.ts';
import { fetchAll } from '../platform/query.ts';
import { sortIdOf } from './page.ts';

type LabelDeps = Pick<Deps, 'control'>;

/** A label of the site, as the last labels pass that saw it listed it. */
export interface LabelItem {
  /** `label:{cloudId}:{labelId}` */
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'label';
  readonly cloudId: string;
  readonly labelId: string;
  readonly sortId: string;
  /** As pages carry it: see {@link labelName}. */
  readonly name: string;
  readonly listedIn: string;
}

/** Labels that a page shows to everybody; `my` labels are private to one person and are never stored. */
const SHARED_PREFIXES = new Set(['global', 'team']);

/** How a page carries a label: a global one by its name, a team's one with its prefix, as Confluence shows them. */
export function labelName({ prefix, name }: Pick<ConfluenceLabel, 'prefix' | 'name'>): string | undefined {
  if (!SHARED_PREFIXES.has(prefix)) return undefined;
  return prefix === 'global' ? name : `${prefix}:${name}`;
}

/** The names of a page's labels, sorted, each once. */
export function labelNames(labels: readonly Pick<ConfluenceLabel, 'prefix' | 'name'>[]): string[] {
  return [...new Set(labels.map(labelName).filter((name) => name !== undefined))].sort();
}

/** Notes the labels that a run listed. */
export async function putLabels(
  deps: LabelDeps,
  tenantId: string,
  cloudId: string,
  runId: string,
  labels: readonly ConfluenceLabel[],
): Promise<void> {
  await runBulk(
    deps.control,
    labels.flatMap((label): OperationInput[] => {
      const name = labelName(label);
      if (name === undefined) return [];
      const item: LabelItem = {
        id: `label:${cloudId}:${label.id}`,
        tenantId,
        type: 'label',
        cloudId,
        labelId: label.id,
        sortId: sortIdOf(label.id),
        name,
        listedIn: runId,
      };
      return [{ operationType: 'Upsert', partitionKey: tenantId, resourceBody: { ...item } }];
    }),
  );
}

/** Writes one label anew. */
export async function putLabel(deps: LabelDeps, label: LabelItem): Promise<void> {
  const { id, tenantId, type, cloudId, labelId, sortId, name, listedIn } = label;
  await deps.control.items.upsert({ id, tenantId, type, cloudId, labelId, sortId, name, listedIn });
}

/** The next labels after one, in the order of their ids; of a run's listing, or the ones that it did not list. */
export async function readLabels(
  deps: LabelDeps,
  tenantId: string,
  cloudId: string,
  query: { runId: string; listed: boolean; afterSortId: string; limit: number },
): Promise<LabelItem[]> {
  return fetchAll<LabelItem>(deps.control, tenantId, {
    select: '*',
    where: `c.type = "label" AND c.cloudId = @cloudId AND c.listedIn ${query.listed ? '=' : '!='} @runId AND c.sortId > @after`,
    parameters: { cloudId, runId: query.runId, after: query.afterSortId, limit: query.limit },
    tail: 'ORDER BY c.sortId ASC OFFSET 0 LIMIT @limit',
  });
}

export async function countLabels(deps: LabelDeps, tenantId: string, cloudId: string, runId: string): Promise<number> {
  const [count] = await fetchAll<number>(deps.control, tenantId, {
    select: 'VALUE COUNT(1)',
    where: 'c.type = "label" AND c.cloudId = @cloudId AND c.listedIn = @runId',
    parameters: { cloudId, runId },
  });
  return count ?? 0;
}

export async function removeLabel(deps: LabelDeps, { id, tenantId }: LabelItem): Promise<void> {
  await runBulk(deps.control, [{ operationType: 'Delete', id, partitionKey: tenantId }]);
}
