import type { PartsRef } from '../../index/parts.ts';
import { settleStaleParts } from '../../index/write.ts';
import { fetchAll } from '../../platform/query.ts';
import { afterPass, type Step } from '../step.ts';

/** Lets go of body parts that a crash left behind between a head's switch and the expiry of its former parts. */
export const staleParts: Step<'stale-parts'> = async ({ deps, tenantId, run }) => {
  const left = await fetchAll<{ id: string; staleParts: PartsRef }>(deps.pages, tenantId, {
    select: 'c.id, c.staleParts',
    where: 'c.type = "page" AND IS_DEFINED(c.staleParts)',
    tail: 'OFFSET 0 LIMIT 100',
  });
  for (const { id, staleParts: parts } of left) await settleStaleParts(deps, tenantId, id, parts);
  return { position: left.length === 100 ? { step: 'stale-parts', cursor: null } : afterPass(run, 'ids') };
};
