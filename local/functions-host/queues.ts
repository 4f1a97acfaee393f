import { setTimeout as delay } from 'node:timers/promises';
import type { DequeuedMessageItem } from '@azure/storage-queue';
import type { QueueFunction } from './bindings.ts';
import type { TypedData } from './core-types.ts';
import type { QueueConfig } from './host-config.ts';
import type { Invoker, Outcome } from './invoke.ts';
import type { Logger } from './log.ts';
import { type HeldMessage, holdMessage, wholeSeconds } from './queue-message.ts';

const MIN_POLL_MS = 100;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export interface QueueTrigger {
  /** Runs the function with a text that comes from no queue. */
  runNow(input: unknown): Promise<Outcome>;
  /** Takes no more messages; resolves when those it has are settled. */
  stop(): Promise<void>;
  /** Makes the messages that are still held visible at once. */
  release(): Promise<void>;
}

export interface QueueTriggerOptions {
  readonly fn: QueueFunction;
  readonly config: QueueConfig;
  /** How long a message stays hidden after the process has died. */
  readonly hiddenMs: number;
  readonly invoker: Invoker;
  readonly logger: Logger;
}

/**
 * Reads one function's queue as the real host does: a new batch is taken when at most `newBatchThreshold` messages are
 * under way. Success deletes a message, failure shows it again after `visibilityTimeout`; at `maxDequeueCount`, or when
 * its text is not base64, it moves to `<queue>-poison`. Each function has a reader of its own.
 */
export async function startQueueTrigger(options: QueueTriggerOptions): Promise<QueueTrigger> {
  const { fn, config, hiddenMs, invoker, logger } = options;
  // Loaded on first use: an app without queues need not pay for the client.
  const { QueueServiceClient } = await import('@azure/storage-queue');
  const retryOptions = { maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1000 };
  const service = QueueServiceClient.fromConnectionString(fn.connectionString, { retryOptions });
  const queue = service.getQueueClient(fn.queueName);
  const poison = service.getQueueClient(`${fn.queueName}-poison`);
  const held = new Map<HeldMessage, Promise<void>>();
  const stopped = new AbortController();
  const report = (what: string) => (error: unknown) =>
    logger.write('error', `Function.${fn.name}`, `queue ${fn.queueName}: ${what}: ${(error as Error).message}`);

  const take = (message: DequeuedMessageItem) => {
    const hold = holdMessage(queue, message, hiddenMs, report(`message ${message.messageId}`));
    const done = handle(message, hold).catch(report(`message ${message.messageId}`));
    held.set(
      hold,
      done.finally(() => held.delete(hold)),
    );
  };

  const handle = async (message: DequeuedMessageItem, hold: HeldMessage) => {
    // A reader that stopped while its request was under way gives the messages back unread.
    if (stopped.signal.aborted) return hold.giveBack(0);
    const text = config.base64 ? decodeBase64(message.messageText) : message.messageText;
    if (text === undefined) return toPoison(message, hold, 'its text is not base64');
    if (message.dequeueCount > config.maxDequeueCount) return toPoison(message, hold, 'it was given up before');
    const triggerMetadata = metadataOf(message, text);
    const outcome = await invoker.run({ fn, input: { string: text }, triggerMetadata });
    if (!('error' in outcome)) return hold.remove();
    if (message.dequeueCount < config.maxDequeueCount) return hold.giveBack(config.visibilityTimeoutMs);
    return toPoison(message, hold, `it failed ${message.dequeueCount} times`);
  };

  const toPoison = async (message: DequeuedMessageItem, hold: HeldMessage, reason: string) => {
    logger.write(
      'warning',
      `Function.${fn.name}`,
      `queue ${fn.queueName}: message ${message.messageId} moves to ${poison.name}: ${reason}`,
    );
    await poison.createIfNotExists();
    // First the copy, then the deletion: a crash in between leaves it twice, never not at all.
    await poison.sendMessage(message.messageText);
    await hold.remove();
  };

  const receive = async (): Promise<DequeuedMessageItem[]> => {
    try {
      const visibilityTimeout = wholeSeconds(hiddenMs);
      const answer = await queue.receiveMessages({ numberOfMessages: config.batchSize, visibilityTimeout });
      return answer.receivedMessageItems;
    } catch (error) {
      if ((error as { code?: string }).code === 'QueueNotFound') await queue.createIfNotExists();
      else throw error;
      return [];
    }
  };

  const readQueue = async () => {
    let pauseMs = MIN_POLL_MS;
    while (!stopped.signal.aborted) {
      if (held.size > config.newBatchThreshold) {
        await Promise.race(held.values());
        continue;
      }
      const messages = await receive().catch((error) => {
        report('cannot be read, trying again')(error);
        return [];
      });
      messages.forEach(take);
      if (messages.length > 0) {
        pauseMs = MIN_POLL_MS;
      } else {
        await delay(pauseMs, undefined, { signal: stopped.signal }).catch(() => {});
        pauseMs = Math.min(pauseMs * 2, Math.max(config.maxPollingIntervalMs, MIN_POLL_MS));
      }
    }
  };

  const reading = fn.disabled ? Promise.resolve() : readQueue();
  return {
    runNow(input) {
      const text = typeof input === 'string' ? input : JSON.stringify(input);
      return invoker.run({ fn, input: { string: text }, triggerMetadata: metadataOf(manualMessage(text), text) });
    },
    async stop() {
      stopped.abort();
      await reading;
      await Promise.all(held.values());
    },
    async release() {
      await Promise.all([...held.keys()].map((hold) => hold.giveBack(0)));
    },
  };
}

/** @returns the text; undefined when `messageText` is not base64 */
function decodeBase64(messageText: string): string | undefined {
  return BASE64.test(messageText) ? Buffer.from(messageText, 'base64').toString() : undefined;
}

/** The library camel-cases these names and reads JSON in the texts: `dequeueCount` arrives as a number. */
function metadataOf(message: DequeuedMessageItem, text: string): Record<string, TypedData> {
  const time = (date: Date): TypedData => ({ json: JSON.stringify(date.toISOString()) });
  return {
    QueueTrigger: { string: text },
    DequeueCount: { string: String(message.dequeueCount) },
    Id: { string: message.messageId },
    PopReceipt: { string: message.popReceipt },
    InsertionTime: time(message.insertedOn),
    ExpirationTime: time(message.expiresOn),
    NextVisibleTime: time(message.nextVisibleOn),
  };
}

function manualMessage(messageText: string): DequeuedMessageItem {
  const now = new Date();
  const [messageId, popReceipt] = [crypto.randomUUID(), 'manual'];
  return { messageId, popReceipt, messageText, dequeueCount: 1, insertedOn: now, expiresOn: now, nextVisibleOn: now };
}
