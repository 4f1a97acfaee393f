import type { QueueClient } from '@azure/storage-queue';
import type { Deps } from '../platform/deps.ts';
import { readItem } from '../platform/items.ts';
import { RunTakenOver } from './checkpoint.ts';
import { failRun } from './end-run.ts';
import { decodeMessage, type Message } from './message.ts';
import { isEnded, type Run, runItemId } from './run.ts';
import { sendMessage } from './send-message.ts';

const MAX_MESSAGES = 32;
const ERASE_AGAIN_SECONDS = 600;

/**
 * Looks after the poison queues, where the host puts a message that failed five times. The run of a message is marked
 * failed, so that a person sees it and the tenant can sync again; a message of another epoch is stale and harms
 * nothing; both are then deleted. A message that is none of ours stays where an operator finds it, which is why a timer
 * does this and not a queue trigger: a trigger would take every message out.
 *
 * @returns how many messages were settled
 */
export async function settlePoisoned(deps: Deps): Promise<number> {
  let settled = 0;
  for (const name of ['confluence-sync-poison', 'confluence-sync-now-poison'] as const) {
    settled += await settleQueue(deps, deps.queues[name]);
  }
  return settled;
}

async function settleQueue(deps: Deps, queue: QueueClient): Promise<number> {
  const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: MAX_MESSAGES });
  const unknown = peekedMessageItems.filter(({ messageText }) => !decodeMessage(messageText)).length;
  if (unknown > 0) deps.log.error('poison_message_unknown', { queue: queue.name, count: unknown });
  if (unknown === peekedMessageItems.length) return 0;

  let settled = 0;
  const { receivedMessageItems } = await queue.receiveMessages({
    numberOfMessages: MAX_MESSAGES,
    visibilityTimeout: 5,
  });
  for (const { messageId, popReceipt, messageText } of receivedMessageItems) {
    const message = decodeMessage(messageText);
    if (!message) continue;
    deps.log.error('poison_message', { ...message });
    if (message.kind === 'run') await failPoisonedRun(deps, message);
    // What was promised to be deleted is deleted, however long the database was away. The other kinds come again anyway.
    if (message.kind === 'erase-index') await sendMessage(deps, message, { delaySeconds: ERASE_AGAIN_SECONDS });
    await queue.deleteMessage(messageId, popReceipt);
    settled += 1;
  }
  return settled;
}

async function failPoisonedRun(deps: Deps, message: Extract<Message, { kind: 'run' }>): Promise<void> {
  const stored = await readItem<Run>(deps.control, message.tenantId, runItemId(message.runId));
  if (!stored || isEnded(stored.item.state) || stored.item.epoch !== message.epoch) return;
  try {
    await failRun(deps, stored, {
      code: 'internal_error',
      detail: 'The work failed several times in a row for a reason of ours; the log names it.',
    });
  } catch (error) {
    if (!(error instanceof RunTakenOver)) throw error;
  }
}
