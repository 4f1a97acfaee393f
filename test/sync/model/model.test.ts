import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type World } from '../support.ts';
import { runSequence } from './sequence.ts';
import { type MortalWorker, startWorker } from './worker.ts';

/** `MODEL_SEQUENCES` sequences from `MODEL_SEED` on; `npm run test:model` asks for 200. */
const COUNT = Number(process.env.MODEL_SEQUENCES ?? 15);
const FIRST = Number(process.env.MODEL_SEED ?? 1);

const POINTS_PER_HOUR = 100_000_000;

let world: World;
let worker: MortalWorker | undefined;
before(async () => {
  world = await startWorld({
    LOG_LEVEL: 'error',
    ATLASSIAN_TIMEOUT_SECONDS: '0.4',
    RETRY_BACKOFF_MIN_MS: '1',
    RETRY_BACKOFF_MAX_MS: '5',
    REFRESH_LEASE_SECONDS: '0.5',
    REFRESH_COOLDOWN_MIN_MS: '5',
    REFRESH_COOLDOWN_MAX_MS: '20',
    RUN_LEASE_SECONDS: '1',
    POINTS_PER_HOUR: String(POINTS_PER_HOUR),
  });
  // One world serves all sequences: hundreds of them within an hour must not be paced by its points.
  await world.simulator('PATCH', 'switches', { quota: { pointsPerHour: POINTS_PER_HOUR } });
  worker = await startWorker(world);
});
after(async () => {
  await worker?.close();
  await world.close();
});

const seeds =
  process.env.MODEL_SEED && !process.env.MODEL_SEQUENCES ? [FIRST] : [...Array(COUNT).keys()].map((n) => FIRST + n);
for (const seed of seeds) {
  test(`whatever happens on the way, the index ends up as Confluence is: sequence ${seed}`, () =>
    runSequence(world, started(), seed));
}

function started(): MortalWorker {
  assert.ok(worker, 'the worker has not started');
  return worker;
}

test('nothing but reads was ever sent to Confluence', async () => {
  const { writes } = await world.simulator<{ writes: number }>('GET', 'stats');
  assert.equal(writes, 0);
});
