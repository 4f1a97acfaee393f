import assert from 'node:assert/strict';
import { handleMessage } from '../../../shared/sync/handle-message.ts';
import { isEnded } from '../../../shared/sync/run.ts';
import { scheduleDue } from '../../../shared/sync/schedule.ts';
import { triggerSync } from '../../../shared/sync/trigger.ts';
import {
  assertIndexIsRight,
  connectSite,
  fullSync,
  processOf,
  runsOf,
  type SyncedTenant,
  setConnection,
  settle,
  startFullSync,
  takeMessage,
  type World,
} from '../support.ts';
import { mutate } from './mutations.ts';
import { Chance } from './random.ts';
import { endTroubles, TROUBLES } from './troubles.ts';
import type { MortalWorker } from './worker.ts';

const PASSES = ['ids', 'labels', 'attachments'];

/** A sequence at work: what is random, what was done, and which messages turn up late. */
interface Sequence {
  readonly world: World;
  readonly worker: MortalWorker;
  readonly tenant: SyncedTenant;
  readonly chance: Chance;
  readonly record: string[];
  readonly late: unknown[];
}

/**
 * People change a site at random while it is synced, and everything goes wrong that may. When the troubles are over and the
 * runs have settled, the index is what Confluence is, field by field. A failure names the seed and everything that was done.
 */
export async function runSequence(world: World, worker: MortalWorker, seed: number): Promise<void> {
  const chance = new Chance(seed);
  const tenant = await connectSite(world, {
    seed,
    pages: 8 + chance.below(20),
    spaces: 2 + chance.below(3),
    spaceTypes: ['global', 'collaboration', 'personal', 'knowledge_base'],
    labels: 4,
    attachments: 6,
    archivedPages: 1,
    trashedPages: 1,
    users: 4,
    bodyBytes: 300,
  });
  const sequence: Sequence = { world, worker, tenant, chance, record: [], late: [] };
  try {
    const length = 10 + chance.below(8);
    for (let step = 0; step < length; step++) await takeStep(sequence);
    await settleDown(sequence);
    await assertIndexIsRight(world, tenant);
  } catch (error) {
    await endTroubles(world);
    const done = sequence.record.map((line) => `  ${line}`).join('\n');
    throw new Error(`sequence ${seed} failed; replay it with MODEL_SEED=${seed}. It did:\n${done}`, { cause: error });
  }
}

async function takeStep(sequence: Sequence): Promise<void> {
  const { world, tenant, chance, record } = sequence;
  const what = chance.next();
  if (what < 0.5) {
    for (let count = 1 + chance.below(3); count > 0; count--) {
      record.push((await mutate(world, tenant, chance)) ?? 'nothing to change');
    }
  } else if (what < 0.7) {
    const name = chance.of(Object.keys(TROUBLES)) ?? '';
    record.push(`trouble: ${name}`);
    await TROUBLES[name]?.(world, tenant, chance);
  } else {
    record.push(await startSync(sequence, what));
  }
  for (let count = chance.below(4); count > 0; count--) {
    const delivered = await deliver(sequence);
    if (delivered) record.push(delivered);
  }
}

/** The timer's look, or a person's. The database may be in trouble: then nothing starts, and the next look mends it. */
async function startSync({ world, tenant, chance }: Sequence, what: number): Promise<string> {
  const { deps } = world;
  try {
    if (what < 0.85) {
      await setConnection(world, tenant.tenantId, { nextSyncAt: new Date(0).toISOString() });
      await scheduleDue(deps);
      return 'a delta is due';
    }
    if (what < 0.95) {
      const passes = PASSES.filter(() => chance.is(0.6));
      await startFullSync(world, tenant, { passes, deps });
      return `passes are due: ${passes.join(', ')}`;
    }
    const { mode } = await triggerSync(deps, tenant.tenantId);
    return `Trigger sync: ${mode}`;
  } catch (error) {
    return `nothing was started: ${error}`;
  }
}

/** Delivers one message as queues do: now, late, twice, or to a worker that is killed over it. */
async function deliver(sequence: Sequence): Promise<string | undefined> {
  const { world, worker, chance, late } = sequence;
  const message = chance.is(0.2) && late.length > 0 ? late.shift() : await takeMessage(world);
  if (!message) return undefined;
  const how = chance.next();
  if (how < 0.1) {
    late.push(message);
    return 'a message is late';
  }
  if (how < 0.3) {
    const dieAt = 1 + chance.below(120);
    const isDone = await worker.handle({ message, dieAt });
    if (!isDone) late.push(message);
    return isDone ? 'a worker was not killed after all' : `a worker was killed at call ${dieAt}`;
  }
  const copies = how < 0.4 ? 2 : 1;
  const results = await Promise.allSettled(Array.from({ length: copies }, () => handleMessage(world.deps, message)));
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed) late.push(message);
  return failed ? `a message failed: ${(failed as PromiseRejectedResult).reason}` : `${copies} message(s) handled`;
}

/** The troubles end, late messages turn up, what was under way ends; then one regular sync, and one after the grace. */
async function settleDown({ world, tenant, record, late }: Sequence): Promise<void> {
  await endTroubles(world);
  for (const message of late) await handleMessage(world.deps, message);
  const runs = await runsOf(world, tenant.tenantId);
  if (runs.some(({ state }) => !isEnded(state))) await settle(world, tenant);
  const first = await fullSync(world, tenant);
  record.push(`settled: ${first.state}, ${first.problems.map(({ code }) => code).join(', ') || 'no problems'}`);
  assert.equal(first.state, 'succeeded', JSON.stringify(first.error));
  const afterGrace = await fullSync(world, tenant, { deps: processOf(world, {}, 61 * 60_000) });
  assert.equal(afterGrace.state, 'succeeded', JSON.stringify(afterGrace.error));
  assert.equal((await world.connection(tenant.tenantId)).status, 'connected');
}
