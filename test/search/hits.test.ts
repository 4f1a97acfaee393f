import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SITE_URL, startIndex, type TestIndex } from './support.ts';

let index: TestIndex;
before(async () => {
  index = await startIndex();
});
after(() => index.close());

const FILLER = 'Nothing of interest is said here, only that time passes and screens glow. '.repeat(12);
const url = (id: string, title: string) => `${SITE_URL}/wiki/spaces/IT/pages/${id}/${encodeURIComponent(title)}`;

test('a hit shows the text around what was found, and where in it the words stand', async () => {
  const body = `<p>${FILLER}</p><p>When the spooler stops, restart the print service. ${FILLER}</p>`;
  await index.put('excerpt', { id: '1', title: 'Printing', body, labels: ['printer'] });
  const [hit] = await index.search('excerpt', 'spoolers restarted');
  assert.ok(hit);
  assert.match(hit.excerpt, /^… .*When the spooler stops, restart the print service\..* …$/);
  assert.ok(hit.excerpt.length <= 250, String(hit.excerpt.length));
  const marked = hit.highlights.map(([start, end]) => hit.excerpt.slice(start, end));
  assert.deepEqual(marked, ['spooler', 'restart']);
  assert.deepEqual([hit.pageId, hit.spaceKey, hit.labels, hit.rank], ['1', 'IT', ['printer'], 1]);
  assert.equal(hit.url, url('1', 'Printing'));
});

test('a page that fits by its title only shows its own excerpt', async () => {
  await index.put('title', { id: '1', title: 'Printing', body: '<p>How it is done.</p>' });
  const [hit] = await index.search('title', 'printing');
  assert.deepEqual([hit?.excerpt, hit?.highlights, hit?.section], ['How it is done.', [], undefined]);
});

test('a hit names the section in which it stands and links to its heading as Confluence does', async () => {
  const body = `<p>Above all headings: alpha.</p>
    <h2>Codes &amp; fixes</h2><table><tr><td>E-17</td><td>bravo</td></tr></table>
    <h2>E-17</h2><p>charlie</p>
    <h3>Steps</h3><p>delta</p>
    <h2>Other</h2><h3>Steps</h3><p>echo</p>`;
  await index.put('sections', { id: '1', title: 'Codes', body });
  const sectionOf = async (query: string) => (await index.search('sections', query))[0]?.section;
  const page = url('1', 'Codes');
  assert.equal(await sectionOf('alpha'), undefined);
  assert.deepEqual(await sectionOf('bravo'), { title: 'Codes & fixes', url: `${page}#Codes-%26-fixes` });
  assert.deepEqual(await sectionOf('charlie'), { title: 'E-17', url: `${page}#E-17` });
  assert.deepEqual(await sectionOf('delta'), { title: 'Steps', url: `${page}#Steps` });
  assert.deepEqual(await sectionOf('echo'), { title: 'Steps', url: `${page}#Steps.1` });
});

const large = (words: string) =>
  Array.from(
    { length: 40 },
    (_, chapter) => `<h2>Chapter ${chapter}</h2><p>${FILLER.repeat(3)}</p><p>${chapter === 30 ? words : FILLER}</p>`,
  ).join('');

test('a page whose body stands in parts is one hit, with the section of its whole text', async () => {
  await index.put('parts', {
    id: '1',
    title: 'Handbook',
    body: large('The code is ORB-1042, needle.'),
    labels: ['long'],
  });
  for (const query of ['needle', 'ORB-1042', 'interest', '"code is orb-1042"', 'handbook']) {
    const hits = await index.search('parts', query);
    assert.deepEqual(
      hits.map(({ title }) => title),
      ['Handbook'],
      query,
    );
  }
  const [hit] = await index.search('parts', 'needle', { labels: ['long'] });
  assert.match(hit?.excerpt ?? '', /The code is ORB-1042, needle\./);
  assert.equal(hit?.section?.title, 'Chapter 30');
  assert.deepEqual(await index.titles('parts', 'needle', { labels: ['short'] }), []);
  assert.deepEqual(await index.titles('parts', 'needle', { spaceKey: 'OPS' }), []);
  assert.deepEqual(await index.titles('parts', 'needle', { excludedKeys: ['IT'] }), []);
});

test('parts of a replaced version, and of a page that is gone, are not found', async () => {
  const version = (words: string, modifiedAt: string) => ({
    id: '1',
    title: 'Handbook',
    body: large(words),
    modifiedAt,
  });
  await index.put('stale', version('formerly', '2026-05-01T08:00:00.000Z'));
  assert.deepEqual(await index.titles('stale', 'formerly'), ['Handbook']);
  await index.put('stale', version('nowadays', '2026-06-01T08:00:00.000Z'));
  assert.deepEqual(await index.titles('stale', 'formerly'), []);
  assert.deepEqual(await index.titles('stale', 'nowadays'), ['Handbook']);
  const left = await index.pages.items
    .query({ query: 'SELECT c.id FROM c WHERE c.type = "part" AND IS_DEFINED(c.ttl)' }, { partitionKey: 'stale' })
    .fetchAll();
  assert.ok(left.resources.length > 0, 'parts of the version before are still stored');
  await index.remove('stale', '1');
  assert.deepEqual(await index.titles('stale', 'nowadays'), []);
});

test('in a large site pages are looked for by the words that few of them have, and by any word when all are common', async () => {
  const pages = Array.from({ length: 200 }, (_, i) => ({
    id: String(i + 1),
    title: `Page ${i + 1}`,
    body: `<p>The server room needs a badge.${i === 77 ? ' The thermostat of the server room hangs loose.' : ''}</p>`,
  }));
  await index.put('large', ...pages);
  assert.deepEqual(await index.titles('large', 'thermostat in the server room'), ['Page 78']);
  assert.equal((await index.titles('large', 'server room badge')).length, 10);
});
