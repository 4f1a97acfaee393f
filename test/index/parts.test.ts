import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readHeadsById } from '../../shared/index/heads.ts';
import type { PageHead } from '../../shared/index/page.ts';
import { readPage } from '../../shared/index/read.ts';
import { type NewPage, putPages, removePages } from '../../shared/index/write.ts';
import type { Deps } from '../../shared/platform/deps.ts';
import { fetchAll } from '../../shared/platform/query.ts';
import { newTenant, startWorld, type World } from '../connection/world.ts';

/** Bodies that are too large for one item: parts behind a head that switches last. */

const CLOUD = 'site-of-parts';
let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.close());

/** A body of which every line says which version it belongs to. */
function bodyOf(version: number, bytes: number): string {
  const line = `version ${version} — ünïcödé 🙂 words of this line\n`;
  return line.repeat(Math.ceil(bytes / Buffer.byteLength(line)));
}

function pageOf(tenantId: string, version: number, body: string): NewPage {
  const date = new Date(1_700_000_000_000 + version * 1000).toISOString();
  return {
    id: `${CLOUD}:42`,
    tenantId,
    type: 'page',
    cloudId: CLOUD,
    pageId: '42',
    sortId: '42'.padStart(20, '0'),
    spaceId: '1',
    spaceKey: 'S',
    title: `Version ${version}`,
    titleLower: `version ${version}`,
    url: 'https://site.example/wiki/spaces/S/pages/42',
    parentId: null,
    parentType: null,
    status: 'current',
    version: { number: version, createdAt: date },
    authorId: null,
    lastModifiedById: null,
    createdAt: date,
    lastModifiedAt: date,
    body,
    text: body,
    excerpt: '',
    searchKeys: '',
    sections: [],
    contentHash: `hash-of-${version}-${body.length}`,
  } as NewPage;
}

function put(deps: Deps, tenantId: string, version: number, body: string): Promise<string[]> {
  return putPages(deps, tenantId, CLOUD, [pageOf(tenantId, version, body)]);
}

function read(deps: Deps, tenantId: string) {
  return readPage(deps, { tenantId, cloudId: CLOUD, excludedKeys: [] }, '42');
}

function partsOf(tenantId: string): Promise<{ key: string; ttl?: number; body: string; text: string }[]> {
  return fetchAll(world.deps.pages, tenantId, { select: '*', where: 'c.type = "part"' });
}

async function headOf(tenantId: string): Promise<PageHead> {
  const head = (await readHeadsById(world.deps, tenantId, CLOUD, ['42'])).get('42');
  assert.ok(head);
  return head;
}

test('a page of 5 MB is stored whole and read back whole, in items of at most 64 KB', async () => {
  const tenantId = newTenant();
  const body = bodyOf(1, 5_000_000);
  assert.deepEqual(await put(world.deps, tenantId, 1, body), ['42']);
  const parts = await partsOf(tenantId);
  assert.ok(parts.length >= 5_000_000 / 65_536);
  for (const part of parts) assert.ok(Buffer.byteLength(JSON.stringify(part)) <= 66_000);
  assert.equal((await read(world.deps, tenantId))?.markdown, body);
});

test('a small page has no parts, one that shrinks lets go of them, one that grows gets them', async () => {
  const tenantId = newTenant();
  await put(world.deps, tenantId, 1, bodyOf(1, 1000));
  assert.equal((await partsOf(tenantId)).length, 0);
  await put(world.deps, tenantId, 2, bodyOf(2, 200_000));
  assert.ok((await partsOf(tenantId)).every(({ ttl }) => ttl === undefined));
  await put(world.deps, tenantId, 3, bodyOf(3, 1000));
  assert.ok((await partsOf(tenantId)).every(({ ttl }) => ttl === 600));
  assert.equal((await read(world.deps, tenantId))?.markdown, bodyOf(3, 1000));
  assert.equal((await headOf(tenantId)).staleParts, undefined);
});

test('a reader during updates sees the old page or the new one, never a mixture', async () => {
  const tenantId = newTenant();
  await put(world.deps, tenantId, 1, bodyOf(1, 400_000));
  let writing = true;
  const seen = new Set<string>();
  const reader = async () => {
    while (writing) {
      const page = await read(world.deps, tenantId);
      const version = page?.version.number ?? 0;
      assert.equal(page?.markdown, bodyOf(version, 400_000), `a mixture at version ${version}`);
      assert.equal(page?.title, `Version ${version}`);
      seen.add(String(version));
    }
  };
  const readers = [reader(), reader()];
  for (let version = 2; version <= 8; version++) await put(world.deps, tenantId, version, bodyOf(version, 400_000));
  writing = false;
  await Promise.all(readers);
  assert.ok(seen.size > 1, 'the readers saw several versions');
});

/** A process that dies before its n-th write of this kind: every later call fails as well. */
function dying(deps: Deps, isFatal: (operation: string) => boolean): Deps {
  let dead = false;
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, name) {
        const member = Reflect.get(object, name) as unknown;
        if (typeof member === 'object' && member !== null) return guard(member);
        if (typeof member !== 'function') return member;
        return (...values: unknown[]) => {
          dead ||= isFatal(String(name));
          if (dead) throw new Error('the process died');
          const result: unknown = member.apply(object, values);
          const isClient = typeof result === 'object' && result !== null && !(result instanceof Promise);
          return isClient && name === 'item' ? guard(result) : result;
        };
      },
    });
  return { ...deps, pages: guard(deps.pages) };
}

test('a crash between parts and head leaves the old page; one between head and expiry is made good later', async () => {
  const tenantId = newTenant();
  await put(world.deps, tenantId, 1, bodyOf(1, 200_000));
  const beforeSwitch = dying(world.deps, (operation) => operation === 'replace');
  await assert.rejects(put(beforeSwitch, tenantId, 2, bodyOf(2, 200_000)));
  assert.equal((await read(world.deps, tenantId))?.markdown, bodyOf(1, 200_000));

  let patches = 0;
  const afterSwitch = dying(world.deps, (operation) => operation === 'batch' && ++patches > 1);
  await assert.rejects(put(afterSwitch, tenantId, 3, bodyOf(3, 200_000)));
  assert.equal((await read(world.deps, tenantId))?.markdown, bodyOf(3, 200_000));
  const left = await headOf(tenantId);
  assert.ok(left.staleParts, 'the head knows which parts are to go');
  // The next version makes it good, though its head forgets the mark.
  await put(world.deps, tenantId, 4, bodyOf(4, 1000));
  const kept = (await partsOf(tenantId)).filter(({ ttl }) => ttl === undefined);
  // What the first crash wrote belongs to no head; it goes with the tenant's index.
  assert.ok(kept.every(({ key }) => key.startsWith(pageOf(tenantId, 2, '').version.createdAt)));
});

test('a removed page lets go of its parts, also when the answer to its removal was lost', async () => {
  const tenantId = newTenant();
  await put(world.deps, tenantId, 1, bodyOf(1, 200_000));
  await databaseFault({ status: 503, count: 1, applied: true, match: { container: 'pages', operation: 'replace' } });
  assert.deepEqual(await removePages(world.deps, tenantId, CLOUD, [await headOf(tenantId)]), ['42']);
  assert.equal(await read(world.deps, tenantId), undefined);
  assert.ok((await partsOf(tenantId)).every(({ ttl }) => ttl === 600));
  await put(world.deps, tenantId, 1, bodyOf(1, 200_000));
  assert.equal((await read(world.deps, tenantId))?.markdown, bodyOf(1, 200_000), 'restored with the same version');
  assert.ok((await partsOf(tenantId)).every(({ ttl }) => ttl === undefined));
});

test('the order of versions is their date: an older one is refused, a smaller number is not', async () => {
  const tenantId = newTenant();
  await put(world.deps, tenantId, 5, 'five');
  assert.deepEqual(await put(world.deps, tenantId, 4, 'four'), []);
  const renumbered = { ...pageOf(tenantId, 6, 'six'), version: { number: 2, createdAt: '2024-01-01T00:00:00.000Z' } };
  assert.deepEqual(await putPages(world.deps, tenantId, CLOUD, [renumbered]), ['42']);
  assert.equal((await read(world.deps, tenantId))?.markdown, 'six');
});

async function databaseFault(rule: object): Promise<void> {
  await fetch(`${world.env.COSMOS_ENDPOINT}/_emulator/faults`, { method: 'POST', body: JSON.stringify(rule) });
}
