import { setTimeout as delay } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import { z } from 'zod';

/** What happened to a tenant's connection, as the queue told it. */
export interface Notice {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Notices {
  /** A tenant's latest notices, oldest first. */
  of(tenantId: string): readonly Notice[];
  stop(): Promise<void>;
}

/** CloudEvents 1.0; `subject` is the tenant. */
const eventSchema = z.object({
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  time: z.string(),
  data: z.record(z.string(), z.unknown()),
});

const QUEUE = 'confluence-events';
const KEPT_PER_TENANT = 20;
const IDLE_MS = 1_000;
const AFTER_ERROR_MS = 5_000;

/**
 * Takes events from the queue for as long as the dashboard runs. The queue delivers at least once: an event is kept
 * before its message is deleted, and its id tells whether it is here already. A real dashboard keeps them in its
 * database.
 */
export function consumeNotices(storageConnectionString: string): Notices {
  const queue = new QueueClient(storageConnectionString, QUEUE);
  const byTenant = new Map<string, Notice[]>();
  const stopping = new AbortController();
  const done = run(queue, stopping.signal, ({ subject, ...notice }) => {
    const known = byTenant.get(subject) ?? [];
    if (known.some(({ id }) => id === notice.id)) return;
    byTenant.set(subject, [...known, notice].slice(-KEPT_PER_TENANT));
  });
  return {
    of: (tenantId) => byTenant.get(tenantId) ?? [],
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

async function run(
  queue: QueueClient,
  signal: AbortSignal,
  keep: (event: z.infer<typeof eventSchema>) => void,
): Promise<void> {
  while (!signal.aborted) {
    let pauseMs = IDLE_MS;
    try {
      const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32, abortSignal: signal });
      for (const { messageId, popReceipt, messageText } of receivedMessageItems) {
        const event = parse(messageText);
        if (event) keep(event);
        else console.error(`dashboard: message ${messageId} of ${QUEUE} is no event; it was dropped`);
        await queue.deleteMessage(messageId, popReceipt);
      }
      if (receivedMessageItems.length > 0) pauseMs = 0;
    } catch (error) {
      if (signal.aborted) return;
      console.error(`dashboard: ${QUEUE} cannot be read: ${(error as Error).message}`);
      pauseMs = AFTER_ERROR_MS;
    }
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

function parse(messageText: string): z.infer<typeof eventSchema> | undefined {
  try {
    return eventSchema.parse(JSON.parse(Buffer.from(messageText, 'base64').toString('utf8')));
  } catch {
    return undefined;
  }
}
