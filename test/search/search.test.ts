import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readQuery } from '../../shared/index/search/query.ts';
import { startIndex, type TestIndex, type TestPage } from './support.ts';

let index: TestIndex;
before(async () => {
  index = await startIndex();
});
after(() => index.close());

const page = (id: string, title: string, body: string, more: Partial<TestPage> = {}): TestPage => ({
  id,
  title,
  body: body.startsWith('<') ? body : `<p>${body}</p>`,
  ...more,
});

test('an index without a single page gives no hits', async () => {
  const empty = await startIndex();
  try {
    assert.deepEqual(await empty.titles('t', 'anything at all'), []);
  } finally {
    await empty.close();
  }
});

test('a word in the title counts more than the same word in the text', async () => {
  await index.put(
    'weights',
    page('1', 'Canteen', 'The printer stands beside the canteen. The printer is loud.'),
    page('2', 'Printer', 'Where the machines stand and who fills in paper.'),
  );
  assert.deepEqual(await index.titles('weights', 'printer'), ['Printer', 'Canteen']);
});

test('words are found in other forms, accents and capitals do not matter', async () => {
  await index.put('forms', page('1', 'Dvořák', 'Renewing certificates fails.'));
  for (const query of ['certificate', 'CERTIFICATES renewed', 'dvorak', 'failed']) {
    assert.deepEqual(await index.titles('forms', query), ['Dvořák'], query);
  }
});

test('the database is asked for a word with its accents and without: an analyser may tell them apart', () => {
  const { terms } = readQuery('Drucker für Dvořák, Zu\u0308rich');
  const spellings = terms.filter(({ isJoined }) => !isJoined).map((term) => term.spellings);
  assert.deepEqual(spellings, [['drucker'], ['fur', 'für'], ['dvorak', 'dvořák'], ['zurich', 'zürich']]);
});

test('error codes, paths, names with underscores, file and host names are found whole, however they are written', async () => {
  await index.put(
    'codes',
    page('1', 'Updates', 'Access denied (0x80070005). KB5034441, see <code>C:\\Windows\\SoftwareDistribution</code>.'),
    page('2', 'Mail', 'Start <code>outlook.exe /safe</code>; error 550 5.7.60 on mx01.rtm.acme.example.'),
    page('3', 'Database', 'Look at <code>pg_stat_replication</code>, panel code 016-757.'),
    page('4', 'Noise', 'Outlook on the windows, an exe of 80070 and 5 or pg and stat, 5.7.61, 016 and 758.'),
  );
  const expected: [query: string, title: string][] = [
    ['0x80070005', 'Updates'],
    ['80070005', 'Updates'],
    ['0X80070005', 'Updates'],
    ['KB5034441', 'Updates'],
    ['kb 5034441', 'Updates'],
    ['5034441', 'Updates'],
    ['C:\\Windows\\SoftwareDistribution', 'Updates'],
    ['outlook.exe', 'Mail'],
    ['5.7.60', 'Mail'],
    ['mx01', 'Mail'],
    ['mx01.rtm.acme.example', 'Mail'],
    ['pg_stat_replication', 'Database'],
    ['016-757', 'Database'],
  ];
  for (const [query, title] of expected) assert.equal((await index.titles('codes', query))[0], title, query);
});

test('a word written with a hyphen, as one or as two is the same', async () => {
  await index.put(
    'hyphens',
    page('1', 'Radio', 'The Wi-Fi needs an e-mail address.'),
    page('2', 'Keys', 'BitLocker asks.'),
  );
  assert.deepEqual(await index.titles('hyphens', 'wifi'), ['Radio']);
  assert.deepEqual(await index.titles('hyphens', 'email'), ['Radio']);
  assert.deepEqual(await index.titles('hyphens', 'bit locker'), ['Keys']);
});

test('titles are found while their words are being typed, in any place', async () => {
  await index.put(
    'typing',
    page('1', 'Connect to the VPN with GlobalProtect', 'Text.'),
    page('2', 'Global mobility', 'Text.'),
    page('3', 'Something else', 'A globalised world.'),
  );
  assert.deepEqual(await index.titles('typing', 'globalpro'), ['Connect to the VPN with GlobalProtect']);
  assert.deepEqual((await index.titles('typing', 'glob')).sort(), [
    'Connect to the VPN with GlobalProtect',
    'Global mobility',
  ]);
  assert.equal((await index.titles('typing', 'vpn glo'))[0], 'Connect to the VPN with GlobalProtect');
});

test('a quoted phrase must occur as it stands; the other words need not', async () => {
  await index.put(
    'phrases',
    page('1', 'One', 'The trust relationship failed again.'),
    page('2', 'Two', 'The relationship of trust failed.'),
    page('3', 'Three', 'Trust relationships fail.'),
  );
  assert.deepEqual(await index.titles('phrases', '"trust relationship failed" again workstation'), ['One']);
  assert.deepEqual(await index.titles('phrases', '"Trust  Relationships"'), ['Three']);
  assert.equal((await index.titles('phrases', 'trust relationship failed')).length, 3);
  assert.deepEqual(await index.titles('phrases', '"nowhere to be seen"'), []);
});

test('nothing that is typed is syntax', async () => {
  await index.put('syntax', page('1', 'Plain', 'plain words'));
  for (const query of [
    'plain"',
    '"',
    '"" plain',
    `plain' OR c.tenantId != "x`,
    'plain AND (',
    'plain\\',
    '!!!',
    '"!"',
  ]) {
    const titles = await index.titles('syntax', query);
    assert.deepEqual(titles, /plain/.test(query) ? ['Plain'] : [], query);
  }
});

test('stop words alone are searched for as they are, a long text by its most telling words', async () => {
  await index.put('length', page('1', 'The Who', 'A band.'), page('2', 'Ticket', 'orbit fails with ORB-1042'));
  assert.deepEqual(await index.titles('length', 'the who'), ['The Who']);
  const ticket = `${'hello there my dear friends of the help desk '.repeat(18)} orbit says ORB-1042`;
  assert.equal((await index.titles('length', ticket))[0], 'Ticket');
});

test('filters narrow by space, labels, author, dates and what stands above', async () => {
  const put = (id: string, more: Partial<TestPage>) => page(id, `Page ${id}`, 'needle', more);
  await index.put(
    'filters',
    put('1', { spaceKey: 'OPS', labels: ['vpn', 'how-to'], modifiedAt: '2026-01-05T10:00:00.000Z' }),
    put('2', { labels: ['vpn'], parentId: '1', authorId: '712020:jane', modifiedAt: '2026-02-05T10:00:00.000Z' }),
    put('3', { parentId: '2', modifiedAt: '2026-03-05T10:00:00.000Z' }),
    put('4', { parentId: '99', modifiedAt: '2026-04-05T10:00:00.000Z' }),
  );
  const ids = async (more: Parameters<TestIndex['search']>[2]) =>
    (await index.search('filters', 'needle', more)).map(({ pageId }) => pageId).sort();
  assert.deepEqual(await ids({}), ['1', '2', '3', '4']);
  assert.deepEqual(await ids({ spaceKey: 'OPS' }), ['1']);
  assert.deepEqual(await ids({ labels: ['vpn'] }), ['1', '2']);
  assert.deepEqual(await ids({ labels: ['vpn', 'how-to'] }), ['1']);
  assert.deepEqual(await ids({ authorId: '712020:jane' }), ['2']);
  assert.deepEqual(await ids({ modifiedSince: '2026-03-05T10:00:00.000Z' }), ['3', '4']);
  assert.deepEqual(await ids({ modifiedBefore: '2026-03-05T10:00:00.000Z' }), ['1', '2']);
  assert.deepEqual(await ids({ ancestorId: '1' }), ['2', '3']);
  assert.deepEqual(await ids({ ancestorId: '99' }), ['4']);
  assert.deepEqual(await ids({ ancestorId: '4' }), []);
  assert.deepEqual(await ids({ ancestorId: '1', labels: ['vpn'] }), ['2']);
});

test('a circle of parents does not hang the search', async () => {
  await index.put('circle', page('1', 'A', 'needle', { parentId: '2' }), page('2', 'B', 'needle', { parentId: '1' }));
  assert.deepEqual(await index.titles('circle', 'needle', { ancestorId: '1' }), ['B']);
});

test("only live pages of the tenant's connected site and of spaces that are not excluded are found", async () => {
  await index.put(
    'scope',
    page('1', 'Mine', 'needle'),
    page('2', 'Gone', 'needle'),
    page('3', 'Secret', 'needle', { spaceKey: 'HR' }),
  );
  await index.putAt('another-site', 'scope', page('4', 'Of the site before', 'needle'));
  await index.put('neighbour', page('5', 'Of a neighbour', 'needle'));
  await index.remove('scope', '2');
  assert.deepEqual(await index.titles('scope', 'needle', { excludedKeys: ['HR'] }), ['Mine']);
  assert.deepEqual(await index.titles('scope', '"needle"', { excludedKeys: ['HR'] }), ['Mine']);
  assert.deepEqual((await index.titles('scope', 'needle')).sort(), ['Mine', 'Secret']);
});

test('ranks count from 1 over all pages of an answer, and the cursor goes on where it ended', async () => {
  const many = Array.from({ length: 230 }, (_, i) =>
    page(String(i + 1), `Page ${i + 1}`, `needle ${'hay '.repeat(i % 7)}`),
  );
  await index.put('paging', ...many);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const answer = await index.answer('paging', { query: 'needle', limit: 45, cursor });
    assert.deepEqual(
      answer.results.map(({ rank }) => rank),
      answer.results.map((_, i) => seen.length + i + 1),
    );
    seen.push(...answer.results.map(({ pageId }) => pageId));
    cursor = answer.nextCursor;
  } while (cursor !== undefined);
  assert.equal(seen.length, 200, 'as deep as paging reaches');
  assert.equal(new Set(seen).size, 200, 'no hit twice');
});

test('a cursor of another search, or no cursor at all, is refused by name', async () => {
  await index.put('cursor', ...['1', '2', '3'].map((id) => page(id, `Page ${id}`, 'needle')));
  const search = { query: 'needle', limit: 1 };
  const { nextCursor } = await index.answer('cursor', search);
  assert.ok(nextCursor);
  const next = await index.answer('cursor', { ...search, cursor: nextCursor, limit: 2 });
  assert.deepEqual(
    next.results.map(({ rank }) => rank),
    [2, 3],
  );
  assert.equal(next.nextCursor, undefined);
  const refused = { status: 400, code: 'invalid_arguments', detail: /cursor/ };
  for (const cursor of ['1', 'x', '', '////', Buffer.from('1.abc').toString('base64url')]) {
    await assert.rejects(index.answer('cursor', { ...search, cursor }), refused, cursor);
  }
  await assert.rejects(index.answer('cursor', { ...search, query: 'other', cursor: nextCursor }), refused);
  await assert.rejects(index.answer('cursor', { ...search, spaceKey: 'IT', cursor: nextCursor }), refused);
  await assert.rejects(index.answer('neighbour', { ...search, cursor: nextCursor }), refused);
});
