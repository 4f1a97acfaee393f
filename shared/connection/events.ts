import { randomUUID } from 'node:crypto';
import type { PatchOperation } from '@azure/cosmos';
import type { Deps } from '../platform/deps.ts';
import type { Connection, PendingEvent } from './record.ts';

/** A notice for the dashboard backend. Its id stays the same however often it is sent. */
export function newEvent(type: PendingEvent['type'], data: PendingEvent['data'], now: Date): PendingEvent {
  return { id: randomUUID(), type, time: now.toISOString(), data };
}

/**
 * The operations that store an event in the same patch as the change it tells of. Asking for a look right now is always
 * safe: `tidyConnection` works out the next time itself.
 */
export function storeEvent(event: PendingEvent): PatchOperation[] {
  return [
    { op: 'add', path: '/pendingEvents/-', value: event },
    { op: 'set', path: '/tidyAt', value: event.time },
  ];
}

/**
 * Puts a connection's events onto the queue `confluence-events` as CloudEvents 1.0 in JSON, base64 as every message of
 * ours. They are cleared only after all are sent, so a crash in between sends them again with the same ids.
 */
export async function sendEvents(
  deps: Pick<Deps, 'queues'>,
  { tenantId, pendingEvents }: Pick<Connection, 'tenantId' | 'pendingEvents'>,
): Promise<void> {
  for (const { id, type, time, data } of pendingEvents) {
    const event = {
      specversion: '1.0',
      id,
      source: `/tenants/${tenantId}/confluence`,
      type,
      subject: tenantId,
      time,
      datacontenttype: 'application/json',
      data: { tenantId, ...data },
    };
    await deps.queues['confluence-events'].sendMessage(Buffer.from(JSON.stringify(event)).toString('base64'), {
      messageTimeToLive: -1,
    });
  }
}
