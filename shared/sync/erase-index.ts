import { readConnection } from '../connection/record.ts';
import { eraseSlice } from '../index/erase.ts';
import type { Deps } from '../platform/deps.ts';
import type { Message } from './message.ts';
import { sendMessage } from './send-message.ts';

/**
 * Deletes what is stored of a site that is no longer the tenant's, slice by slice, and hands over like a run does. When
 * nothing is left it looks once more after a worker's lease: one that was under way may have written a last page.
 */
export async function workOnErase(deps: Deps, message: Extract<Message, { kind: 'erase-index' }>): Promise<void> {
  const { tenantId, cloudId } = message;
  const endAt = performance.now() + deps.settings.WORK_SLICE_SECONDS * 1000;
  // The site may have become the tenant's again; then its index is wanted.
  while (!(await isWanted(deps, tenantId, cloudId))) {
    if (!(await eraseSlice(deps, tenantId, cloudId))) {
      if (message.last) deps.log.info('index_erased', { tenantId, cloudId });
      else await sendMessage(deps, { ...message, last: true }, { delaySeconds: deps.settings.RUN_LEASE_SECONDS });
      return;
    }
    if (performance.now() >= endAt) {
      await sendMessage(deps, { kind: 'erase-index', tenantId, cloudId });
      return;
    }
  }
}

async function isWanted(deps: Deps, tenantId: string, cloudId: string): Promise<boolean> {
  return (await readConnection(deps, tenantId))?.item.site?.cloudId === cloudId;
}
