import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { at, type Item, startSimulator } from './setup.ts';

const DAY_MS = 86_400_000;

function fixture(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'knowledge-base-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const person = { accountId: 'p1', displayName: 'Pia Person', email: 'pia@example.com', timeZone: 'UTC' };
  const space = (key: string, status: string) => ({
    key,
    name: `${key} space`,
    type: 'knowledge_base',
    status,
    description: 'd',
  });
  writeFileSync(
    join(folder, 'site.json'),
    JSON.stringify({ people: [person], spaces: [space('IT', 'current'), space('OLD', 'archived')] }),
  );
  mkdirSync(join(folder, 'IT'));
  const common = { labels: [], author: 'p1', createdDaysAgo: 100, modifiedDaysAgo: 10 };
  const entries = [
    { ...common, slug: 'home', title: 'Home' },
    {
      ...common,
      slug: 'child',
      title: 'Child',
      parent: 'home',
      labels: ['vpn'],
      attachments: [{ fileName: 'a.pdf', mediaType: 'application/pdf', sizeBytes: 5 }],
    },
    { ...common, slug: 'secret', title: 'Secret', parent: 'home', restricted: true },
    { ...common, slug: 'below', title: 'Below secret', parent: 'secret' },
    { ...common, slug: 'gone', title: 'Gone', status: 'trashed' },
    { ...common, slug: 'old', title: 'Old', status: 'archived' },
    { ...common, slug: 'draft', title: 'Draft', status: 'draft' },
    { ...common, slug: 'news', title: 'News', type: 'blogpost' },
  ];
  writeFileSync(join(folder, 'IT', 'index.json'), JSON.stringify(entries));
  for (const { slug } of entries) writeFileSync(join(folder, 'IT', `${slug}.xml`), `<p>Body of ${slug}</p>\n`);
  return folder;
}

test('a folder of hand-written pages becomes a site', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId } = await simulator.control<{ cloudId: string }>('POST', '/sites/knowledge-base', {
    ...{ name: 'acme', folder: fixture(t) },
  });
  const tokens = await simulator.grant([cloudId]);
  const { read, get } = simulator.reader(cloudId, tokens);
  const spaces = (await read('/spaces')).results;
  assert.deepEqual(
    spaces.map(({ key, type, status }) => `${key} ${type} ${status}`),
    ['IT knowledge_base current', 'OLD knowledge_base archived'],
  );
  const pages = (await read('/pages?body-format=storage')).results;
  assert.deepEqual(
    pages.map((page) => page.title),
    ['Home', 'Child', 'Old'],
    'secret, trashed and draft pages are not listed',
  );
  const [home, child] = [at(pages, 0), at(pages, 1)];
  assert.equal(at(spaces, 0).homepageId, home.id);
  assert.equal(child.parentId, home.id);
  assert.equal(child.body.storage?.value, '<p>Body of child</p>');
  assert.ok(Math.abs(Date.parse(child.version.createdAt) - (Date.now() - 10 * DAY_MS)) < 60_000);
  assert.deepEqual(
    (await read(`/pages/${child.id}/labels`)).results.map((label) => label.name),
    ['vpn'],
  );
  assert.deepEqual(
    (await read(`/pages/${child.id}/attachments`)).results.map((file) => file.title),
    ['a.pdf'],
  );
  assert.deepEqual(
    (await read('/blogposts')).results.map((post) => post.title),
    ['News'],
  );
  assert.deepEqual(
    (await read('/pages?status=trashed')).results.map((page) => page.title),
    ['Gone'],
  );
  assert.equal((await get(`/pages/${Number(child.id) + 1}`)).status, 404);
  const found = await read<{ results: { content: Item }[] }>('/wiki/rest/api/search?cql=text~child');
  assert.deepEqual(
    found.results.map((result) => result.content.title),
    ['Child'],
  );
});

test('a mistake in the folder is named with its file', async (t) => {
  const folder = fixture(t);
  const simulator = await startSimulator(t);
  const entries = [{ slug: 'x', title: 'X', parent: 'nowhere', author: 'p1', createdDaysAgo: 1, modifiedDaysAgo: 1 }];
  writeFileSync(join(folder, 'IT', 'index.json'), JSON.stringify(entries));
  writeFileSync(join(folder, 'IT', 'x.xml'), '<p/>');
  const answered = await simulator.call('POST', '/_simulator/sites/knowledge-base', { name: 'acme', folder });
  assert.equal(answered.status, 400);
  assert.match(answered.text, /IT\/index\.json: x names a parent that does not exist: nowhere/);
  assert.equal((await simulator.control<{ sites: object[] }>('GET', '/sites')).sites.length, 0, 'nothing was created');
});

test('a folder of storage files is imported into a space', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, read } = await simulator.site({ pages: 0, spaces: 1 });
  const folder = fixture(t);
  await simulator.control('POST', '/import', { cloudId, spaceKey: 'S1', folder: join(folder, 'IT') });
  const pages = (await read('/pages?limit=250')).results;
  assert.equal(pages.length, 8);
  assert.ok(pages.some((page) => page.title === 'child'));
});
