import { tidyConnection } from '../connection/tidy.ts';
import type { Deps } from '../platform/deps.ts';
import { workOnDelta } from './delta.ts';
import { workOnErase } from './erase-index.ts';
import { type Message, messageSchema } from './message.ts';
import { workOnRun } from './worker.ts';

/** A message that is none of ours. Thrown, so that the queue moves it to its poison queue, where people see it. */
export class UnknownMessageError extends Error {
  override name = 'UnknownMessageError' as const;
}

/**
 * Parses a queue message. The host parses JSON leniently (`"123"` arrives as a number), so this is the first line of
 * every worker.
 */
function parseMessage(value: unknown): Message {
  const parsed = messageSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`);
  throw new UnknownMessageError(`a queue message does not parse: ${problems.join('; ')}`);
}

/** Does what a message asks for. Every kind may come twice and late. */
export async function handleMessage(deps: Deps, value: unknown): Promise<void> {
  const message = parseMessage(value);
  switch (message.kind) {
    case 'run':
      return workOnRun(deps, message);
    case 'delta':
      return workOnDelta(deps, message);
    case 'erase-index':
      return workOnErase(deps, message);
    case 'tidy-connection':
      return tidyConnection(deps, message.tenantId);
  }
}
