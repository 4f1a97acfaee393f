import { app, type InvocationContext } from '@azure/functions';
import { handleMessage } from '../sync/handle-message.ts';
import { type Deps, deps } from './deps.ts';
import { settingsSchema } from './settings.ts';
import { type Invocation, invocationOf, traced } from './telemetry.ts';

/**
 * Registers a worker of a sync queue. What it throws makes the host deliver the message again, after `host.json`'s
 * `visibilityTimeout`, and put it into the poison queue after `maxDequeueCount` times.
 */
export function queueFunction(name: string, queueName: string): void {
  app.storageQueue(name, {
    queueName,
    connection: 'AzureWebJobsStorage',
    handler: (message, context) => traced(messageInvocation(message, context), () => handleMessage(deps(), message)),
  });
}

/**
 * Registers a timer. The schedule is read from the environment alone, with its default: a setting that is wrong
 * elsewhere must not keep the functions from loading. The host may run one twice or late, so the work must not mind.
 */
export function timerFunction(
  name: string,
  schedule: 'SYNC_SCHEDULE' | 'REPORT_SCHEDULE',
  work: (deps: Deps) => Promise<unknown>,
): void {
  app.timer(name, {
    schedule: settingsSchema.shape[schedule].parse(process.env[schedule] || undefined),
    handler: (_timer, context) =>
      traced(invocationOf(context, 'timer'), async () => {
        await work(deps());
      }),
  });
}

/** The message has not been parsed yet: what it says of itself is taken as it comes. */
function messageInvocation(message: unknown, context: InvocationContext): Invocation {
  const { kind, tenantId, traceparent } = (message ?? {}) as Partial<Record<string, unknown>>;
  return {
    ...invocationOf(context, 'queue'),
    senderTraceparent: typeof traceparent === 'string' ? traceparent : undefined,
    attributes: { kind: String(kind), tenantId: String(tenantId) },
  };
}
