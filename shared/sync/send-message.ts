import type { Deps } from '../platform/deps.ts';
import { outgoingTraceparent } from '../platform/telemetry.ts';
import type { Message } from './message.ts';

export interface SendOptions {
  /** The message stays invisible for this long. */
  readonly delaySeconds?: number;
  /** Interactive work (connect, manual runs) has a queue of its own, which scales alone. */
  readonly interactive?: boolean;
}

/** Puts a message on the sync queue. It never expires: a chain must not end because a queue was long. */
export async function sendMessage(
  deps: Pick<Deps, 'queues'>,
  message: Message,
  { delaySeconds = 0, interactive = false }: SendOptions = {},
): Promise<void> {
  const queue = deps.queues[interactive ? 'confluence-sync-now' : 'confluence-sync'];
  // The trigger expects base64; the client does not encode.
  const text = JSON.stringify({ traceparent: outgoingTraceparent(), ...message });
  await queue.sendMessage(Buffer.from(text).toString('base64'), {
    visibilityTimeout: Math.ceil(delaySeconds),
    messageTimeToLive: -1,
  });
}
