import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';

/** A dequeued message that stays hidden from other readers while it is held. Settling twice does nothing. */
export interface HeldMessage {
  /** Deletes it: the function succeeded, or its text now stands in the poison queue. */
  remove(): Promise<void>;
  /** Gives it back, to be seen again after `visibleInMs`. */
  giveBack(visibleInMs: number): Promise<void>;
}

/**
 * Hides the message for another `hiddenMs` whenever half of that has passed, so that it is not delivered twice while
 * its function runs. When the process dies it stays hidden for up to `hiddenMs`, as on Azure.
 */
export function holdMessage(
  client: QueueClient,
  message: DequeuedMessageItem,
  hiddenMs: number,
  onError: (error: unknown) => void,
): HeldMessage {
  let { popReceipt } = message;
  let settled = false;
  // Each renewal changes the receipt that the next call needs, so calls go one after the other.
  let last: Promise<void> = Promise.resolve();
  const inTurn = (call: () => Promise<void>) => {
    last = last.then(call).catch((error) => {
      // Deleted or taken by another reader meanwhile: nothing is left to do here.
      if ((error as { statusCode?: number }).statusCode !== 404) onError(error);
    });
    return last;
  };
  const update = async (visibleInMs: number) => {
    const answer = await client.updateMessage(message.messageId, popReceipt, undefined, wholeSeconds(visibleInMs));
    popReceipt = answer.popReceipt ?? popReceipt;
  };
  const renewal = setInterval(() => void inTurn(() => update(hiddenMs)), hiddenMs / 2);
  const settle = async (call: () => Promise<void>) => {
    if (settled) return;
    settled = true;
    clearInterval(renewal);
    await inTurn(call);
  };
  return {
    remove: () => settle(async () => void (await client.deleteMessage(message.messageId, popReceipt))),
    giveBack: (visibleInMs) => settle(() => update(visibleInMs)),
  };
}

/** The queue service counts in whole seconds. */
export function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
