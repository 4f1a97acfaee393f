/**
 * A worker process to be measured: `fork(sync-worker.ts)`. It handles messages of both sync queues in some lanes until they
 * are empty, and says how long that took and how much memory it needed. The services run in another process.
 */
import '../local/key-vault/localhost-lookup.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { Deps } from '../shared/platform/deps.ts';
import { handleMessage } from '../shared/sync/handle-message.ts';
import { processDeps } from '../test/connection/process-deps.ts';

export interface Work {
  /** Messages handled at the same time. */
  readonly lanes: number;
}

export interface Worked {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
  /** The largest resident set in each quarter of the work: flat means that they are alike. */
  readonly quarterPeaksMb: readonly number[];
}

const deps = processDeps(process.env);

async function takeMessage({ queues }: Deps): Promise<(() => Promise<void>) | undefined> {
  for (const name of ['confluence-sync-now', 'confluence-sync'] as const) {
    const { receivedMessageItems } = await queues[name].receiveMessages({ visibilityTimeout: 3600 });
    const [message] = receivedMessageItems;
    if (!message) continue;
    return async () => {
      await handleMessage(deps, JSON.parse(Buffer.from(message.messageText, 'base64').toString()));
      await queues[name].deleteMessage(message.messageId, message.popReceipt);
    };
  }
  return undefined;
}

async function work({ lanes }: Work): Promise<Worked> {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const samples: number[] = [];
  const sampler = setInterval(() => samples.push(process.memoryUsage.rss()), 50);
  let busy = 0;
  const lane = async () => {
    for (;;) {
      const handle = await takeMessage(deps);
      if (handle) {
        busy += 1;
        await handle();
        busy -= 1;
      } else if (busy === 0) return;
      else await delay(20);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  clearInterval(sampler);
  const { user, system } = process.cpuUsage(cpuBefore);
  const quarter = Math.ceil(samples.length / 4);
  const peaks = [0, 1, 2, 3].map((n) => Math.max(0, ...samples.slice(n * quarter, (n + 1) * quarter)));
  const mb = (bytes: number) => Math.round(bytes / 2 ** 20);
  return {
    seconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMb: mb(Math.max(0, ...samples)),
    quarterPeaksMb: peaks.map(mb),
  };
}

process.on('message', async (job: Work) => {
  process.send?.(await work(job));
});
process.send?.('ready');
