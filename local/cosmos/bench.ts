import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Container, CosmosClient, type OperationInput, type SqlQuerySpec } from '@azure/cosmos';
import { startCosmos } from './server.ts';

/**
 * Shows that reads and ordered ranges do not slow down with the number of items: fills a container over HTTP with the real client
 * and times each access pattern as it grows. `node local/cosmos/bench.ts [--items 200000]`
 */
const { values } = parseArgs({ options: { items: { type: 'string', default: '200000' } } });
const TOTAL = Number(values.items);
const TENANTS = 4;
const SAMPLES = 200;
const WORDS =
  'printer network tunnel certificate password laptop update server invoice holiday meeting backup screen'.split(' ');

const folder = mkdtempSync(join(tmpdir(), 'cosmos-bench-'));
const part = await startCosmos({ port: 0, dataDir: folder });
const client = new CosmosClient({ endpoint: part.url, key: 'a2V5' });
try {
  const { database } = await client.databases.create({ id: 'bench' });
  const { container } = await database.containers.create({
    id: 'pages',
    partitionKey: '/tenantId',
    fullTextPolicy: { defaultLanguage: 'en-US', fullTextPaths: [{ path: '/body', language: 'en-US' }] },
    indexingPolicy: {
      includedPaths: [{ path: '/*' }],
      excludedPaths: [{ path: '/body/?' }],
      fullTextIndexes: [{ path: '/body' }],
    },
  });
  let stored = 0;
  for (const size of [TOTAL / 20, TOTAL / 4, TOTAL]) {
    const start = performance.now();
    const added = size - stored;
    await fill(container, stored, size);
    stored = size;
    const perSecond = Math.round(added / ((performance.now() - start) / 1000));
    console.log(`\n${size} items (${perSecond} writes/s in batches of 100, 1.5 KB each, full text indexed)`);
    await measure(container, size);
  }
} finally {
  client.dispose();
  await part.close();
  rmSync(folder, { recursive: true });
}

function page(n: number) {
  const words = Array.from({ length: 180 }, (_, i) => WORDS[(n * 7 + i * (1 + (n % 11))) % WORDS.length]);
  const body = `${words.join(' ')} unique${n}`;
  return {
    id: `site:${n}`,
    tenantId: `t${n % TENANTS}`,
    type: 'page',
    sortId: String(n).padStart(12, '0'),
    version: n % 9,
    body,
  };
}

async function fill(container: Container, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 100 * TENANTS) {
    await Promise.all(
      Array.from({ length: TENANTS }, async (_, tenant) => {
        const operations: OperationInput[] = [];
        for (let n = start + tenant; n < Math.min(to, start + 100 * TENANTS); n += TENANTS) {
          operations.push({ operationType: 'Upsert', resourceBody: page(n) });
        }
        if (operations.length > 0)
          await container.items.batch(operations, `t${tenant}`, { contentResponseOnWriteEnabled: false });
      }),
    );
  }
}

async function measure(container: Container, size: number): Promise<void> {
  const query = (spec: SqlQuerySpec, tenant: string) =>
    container.items.query(spec, { partitionKey: tenant, maxItemCount: 50 }).fetchNext();
  const some = (i: number) => Math.floor((i / SAMPLES) * size * 0.9);
  await time('point read', async (i) => {
    const { id, tenantId } = page(some(i));
    await container.item(id, tenantId).read();
  });
  await time('upsert', (i) => container.items.upsert(page(some(i))));
  await time('range of 50, ordered by sortId', (i) => {
    const { tenantId, sortId } = page(some(i));
    const text = 'SELECT c.id, c.version FROM c WHERE c.tenantId = @t AND c.sortId > @x ORDER BY c.sortId';
    return query(
      {
        query: text,
        parameters: [
          { name: '@t', value: tenantId },
          { name: '@x', value: sortId },
        ],
      },
      tenantId,
    );
  });
  await time('equality on type and id', (i) => {
    const { tenantId, sortId } = page(some(i));
    const text = "SELECT * FROM c WHERE c.tenantId = @t AND c.type = 'page' AND c.sortId = @x";
    return query(
      {
        query: text,
        parameters: [
          { name: '@t', value: tenantId },
          { name: '@x', value: sortId },
        ],
      },
      tenantId,
    );
  });
  await time('full text, a rare word', (i) => {
    const text = 'SELECT c.id FROM c WHERE c.tenantId = @t AND FullTextContains(c.body, @w)';
    const parameters = [
      { name: '@t', value: page(some(i)).tenantId },
      { name: '@w', value: `unique${some(i)}` },
    ];
    return query({ query: text, parameters }, page(some(i)).tenantId);
  });
  const ranked = (words: string) => (i: number) => {
    const text = `SELECT TOP 10 c.id FROM c WHERE c.tenantId = @t AND FullTextContainsAny(c.body, ${words})
      ORDER BY RANK FullTextScore(c.body, ${words})`;
    return container.items
      .query({ query: text, parameters: [{ name: '@t', value: page(some(i)).tenantId }] })
      .fetchAll();
  };
  await time('ranked, two rare words', ranked("'unique17', 'unique21'"), 20);
  await time('ranked, a word of most items', ranked("'printer'"), 5);
}

async function time(title: string, run: (sample: number) => Promise<unknown>, samples = SAMPLES): Promise<void> {
  await run(0);
  const times: number[] = [];
  for (let i = 0; i < samples; i++) {
    const start = performance.now();
    await run(i);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(share * times.length)] ?? 0).toFixed(2);
  console.log(`  ${title.padEnd(34)} p50 ${at(0.5)} ms   p99 ${at(0.99)} ms`);
}
