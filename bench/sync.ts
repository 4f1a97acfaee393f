import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fetch } from 'undici';
import { newConnection } from '../shared/connection/record.ts';
import { getAccessToken } from '../shared/connection/tokens.ts';
import { inParallel } from '../shared/platform/bulk.ts';
import { SecretText } from '../shared/platform/secret-text.ts';
import { scheduleDue } from '../shared/sync/schedule.ts';
import {
  change,
  connectSite,
  lastRun,
  pageIdsOf,
  type SyncedTenant,
  startFullSync,
  startWorld,
  type World,
} from '../test/sync/support.ts';
import { readWithOthers } from './sync-rivals.ts';
import type { Worked } from './sync-worker.ts';

/** What a sync costs: requests, points, request units, time and memory. */
export interface SyncRow {
  readonly what: string;
  readonly [measure: string]: string | number;
}

/**
 * Node's young generation grows to 3 × 16 MB and more before it is collected; a function instance has 2 GB for four
 * workers. In Azure this is the app setting `languageWorkers__node__arguments`.
 */
const MEMORY_FLAGS = ['--max-semi-space-size=2', '--max-old-space-size=160'];

const UNLIMITED = 1_000_000_000;
/** What the real Confluence needs for 250 bodies, about a second. */
const MS_PER_PAGE = 4;

interface BenchOptions {
  /** Larger sites are left out. */
  readonly maxPages?: number;
  /** Told of each row as soon as it is measured. */
  readonly onRow?: (row: SyncRow) => void;
}

/** Measures a worker in a process of its own against services in this one. */
export async function benchSync({
  maxPages = 100_000,
  onRow,
}: BenchOptions = {}): Promise<{ name: string; rows: SyncRow[] }> {
  const world = await startWorld({
    LOG_LEVEL: 'error',
    POINTS_PER_HOUR: String(UNLIMITED),
    SYNC_INTERVAL_MINUTES: '600',
  });
  await world.simulator('PATCH', 'switches', { quota: { pointsPerHour: UNLIMITED } });
  const rows: SyncRow[] = [];
  try {
    for (const measure of [deltas, throughput, sixChains, readWithOthers, fanOut, firstSyncs]) {
      for await (const row of measure(world, maxPages)) {
        rows.push(row);
        onRow?.(row);
      }
    }
    return { name: 'sync', rows };
  } finally {
    await world.close();
  }
}

async function* firstSyncs(world: World, maxPages: number): AsyncGenerator<SyncRow> {
  for (const [pages, spaces] of [
    [1_000, 1],
    [1_000, 60],
    [1_000, 600],
    [10_000, 60],
    [100_000, 60],
  ] as const) {
    if (pages > maxPages) continue;
    const attachments = pages / 5;
    const tenant = await connectSite(world, { pages, spaces, labels: 20, attachments, users: 50 });
    await database(world, 'DELETE', 'stats');
    const worked = await workOff(world);
    const { counters, state, error } = await lastRun(world, tenant.tenantId);
    if (state !== 'succeeded') throw new Error(`the first sync of ${pages} pages ${state}: ${error?.detail}`);
    yield {
      what: `first sync: ${pages} pages, ${spaces} spaces, 20 labels, ${attachments} attachments`,
      requests: counters.requests,
      'requests / 1,000 pages': round(counters.requests / (pages / 1000)),
      points: counters.points,
      'points / 1,000 pages': round(counters.points / (pages / 1000)),
      seconds: round(worked.seconds),
      'request units / page': round((await requestUnits(world)) / pages),
      'peak MB': worked.peakMb,
      'peak MB by quarter': worked.quarterPeaksMb.join(' '),
    };
    if (pages === 10_000) yield await unchanged(world, tenant, pages);
  }
}

async function unchanged(world: World, tenant: SyncedTenant, pages: number): Promise<SyncRow> {
  await startFullSync(world, tenant, { passes: ['ids'] });
  await database(world, 'DELETE', 'stats');
  const worked = await workOff(world);
  const { counters } = await lastRun(world, tenant.tenantId);
  return {
    what: `ids pass over ${pages} unchanged pages`,
    requests: counters.requests,
    points: counters.points,
    'pages written': counters.written,
    seconds: round(worked.seconds),
    'request units / page': round((await requestUnits(world)) / pages),
    'peak MB': worked.peakMb,
  };
}

async function* deltas(world: World): AsyncGenerator<SyncRow> {
  const tenant = await connectSite(world, { pages: 1_000, spaces: 5, labels: 20, users: 50 });
  await workOff(world);
  const ids = await pageIdsOf(world, tenant);
  // The first delta takes the hints, once an hour.
  for (const [what, changes] of [
    ['delta with its hints (once an hour), nothing changed', 0],
    ['idle delta', 0],
    ['delta with 1 change', 1],
    ['delta with 10 changes', 10],
    ['delta with 100 changes', 100],
  ] as const) {
    // Changes of the delta before are more than five minutes old, as they are in a quarter of an hour.
    await world.simulator('POST', 'clock', { advanceMs: 15 * 60_000 });
    for (const id of ids.splice(0, changes)) await change(world, tenant, id, 'update', {});
    await world.simulator('DELETE', 'stats');
    await startFullSync(world, tenant, { passes: [] });
    const worked = await workOff(world);
    const { byCloudId } = await world.simulator<{ byCloudId: Record<string, { requests: number; points: number }> }>(
      'GET',
      'stats',
    );
    const { requests = 0, points = 0 } = byCloudId[tenant.cloudId] ?? {};
    yield { what, requests, points, seconds: round(worked.seconds) };
  }
  await world.simulator('POST', 'clock', { offsetMs: 0 });
}

/** One worker's pages a second beside a loop that only downloads the same API pages, one after the other. */
async function* throughput(world: World): AsyncGenerator<SyncRow> {
  const pages = 2_000;
  const tenant = await connectSite(world, { pages, spaces: 5, labels: 0, users: 50 });
  await world.simulator('PUT', 'latency', { rules: [{ path: '/wiki/api/v2/pages$', perObjectMs: MS_PER_PAGE }] });
  const bare = await download(world, tenant);
  const worked = await workOff(world);
  await world.simulator('PUT', 'latency', {});
  yield {
    what: `pages a second, 250 bodies in ${(MS_PER_PAGE * 250) / 1000} s, pages of 3 KB`,
    'bare download': round(pages / bare),
    worker: round(pages / worked.seconds),
    ratio: round(bare / worked.seconds),
    'worker CPU seconds': round(worked.cpuSeconds),
  };
}

async function download(world: World, { tenantId, cloudId }: SyncedTenant): Promise<number> {
  const token = SecretText.reveal(await getAccessToken(world.deps, tenantId));
  const base = `${world.env.ATLASSIAN_API_URL}/ex/confluence/${cloudId}/wiki/api/v2/pages`;
  const startedAt = performance.now();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams({ status: 'current', sort: 'id', limit: '250', 'body-format': 'storage' });
    if (cursor !== '') query.set('cursor', cursor);
    const answer = await fetch(`${base}?${query}`, { headers: { authorization: `Bearer ${token}` } });
    const { _links } = (await answer.json()) as { _links: { next?: string } };
    cursor = _links.next ? new URL(_links.next, 'https://site.invalid').searchParams.get('cursor') : null;
  }
  return (performance.now() - startedAt) / 1000;
}

async function* sixChains(world: World): AsyncGenerator<SyncRow> {
  const pages = 2_000;
  for (let tenant = 0; tenant < 6; tenant++) {
    await connectSite(world, { pages, spaces: 5, labels: 5, users: 50 });
  }
  const worked = await workOff(world, 6);
  yield {
    what: `6 chains at once in one process, ${pages} pages each`,
    'pages a second': round((6 * pages) / worked.seconds),
    'peak MB': worked.peakMb,
    'peak MB by quarter': worked.quarterPeaksMb.join(' '),
  };
}

/** The timer alone: it claims every due tenant on its connection and sends its message. */
async function* fanOut(world: World): AsyncGenerator<SyncRow> {
  for (const tenants of [1_000, 10_000]) {
    const due = Array.from({ length: tenants }, (_, n) => ({
      ...newConnection(`fan-${tenants}-${n}`, new Date()),
      status: 'connected' as const,
      site: { cloudId: `site-${n}`, name: 'site', url: 'https://site.example' },
      watermark: new Date().toISOString(),
      nextSyncAt: new Date(0).toISOString(),
      passes: { ids: { dueAt: '2999-01-01T00:00:00.000Z' } },
    }));
    await inParallel(due, 32, (connection) => world.deps.control.items.create(connection));
    const startedAt = performance.now();
    const { deltas: claimed } = await scheduleDue(world.deps);
    const seconds = (performance.now() - startedAt) / 1000;
    if (claimed !== tenants) throw new Error(`${claimed} of ${tenants} tenants were claimed`);
    yield { what: `timer: fan-out of ${tenants} due tenants`, seconds: round(seconds) };
    await world.deps.queues['confluence-sync'].clearMessages();
  }
}

/** A fresh worker process, so that its peak is this work's. */
async function workOff(world: World, lanes = 1): Promise<Worked> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'sync-worker.ts'), [], {
    env: { PATH: process.env.PATH, ...world.env },
    execArgv: MEMORY_FLAGS,
  });
  await once(child, 'message');
  const answer = once(child, 'message');
  const died = once(child, 'exit').then(() => Promise.reject(new Error('the worker died')));
  child.send({ lanes });
  const [worked] = (await Promise.race([answer, died])) as [Worked];
  died.catch(() => undefined);
  child.kill();
  return worked;
}

async function requestUnits(world: World): Promise<number> {
  const { containers } = (await database(world, 'GET', 'stats')) as {
    containers: Record<string, Record<string, { requestUnits: number }>>;
  };
  return Object.values(containers)
    .flatMap((operations) => Object.values(operations))
    .reduce((sum, { requestUnits: units }) => sum + units, 0);
}

async function database(world: World, method: string, path: string): Promise<unknown> {
  const answer = await fetch(`${world.env.COSMOS_ENDPOINT}/_emulator/${path}`, { method });
  const text = await answer.text();
  return text === '' ? undefined : JSON.parse(text);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Alone: `node bench/sync.ts [--pages 10000]`. */
if (import.meta.main) {
  const { values } = parseArgs({ options: { pages: { type: 'string', default: '100000' } } });
  await benchSync({ maxPages: Number(values.pages), onRow: (row) => console.log(JSON.stringify(row)) });
  // The queue emulator keeps the process alive.
  process.exit();
}
