import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, at, single, startSimulator } from './setup.ts';

interface Found {
  content: { id: string; type: string; title: string };
  title: string;
  excerpt: string;
  url: string;
  lastModified: string;
  resultGlobalContainer: { title: string; displayUrl: string };
}
interface Answer {
  results: Found[];
  totalSize: number;
  size: number;
  limit: number;
  _links: { base: string; context: string; next?: string };
}

async function library(t: Parameters<typeof startSimulator>[0]) {
  const simulator = await startSimulator(t);
  const site = await simulator.site({ name: 'acme', pages: 0, labels: 0, spaces: 2 });
  const create = (spaceKey: string, title: string, storage: string, rest = {}) =>
    simulator.control<{ id: string }>('POST', `/sites/${site.cloudId}/pages`, { spaceKey, title, storage, ...rest });
  const act = (id: string, action: string, body = {}) =>
    simulator.control('POST', `/sites/${site.cloudId}/pages/${id}/${action}`, body);
  const vpn = await create('S1', 'VPN setup', '<p>Install the client &amp; sign in. Printers are elsewhere.</p>');
  const printer = await create('S2', 'Printer jams', '<p>Open the tray. The VPN is not needed.</p>');
  const child = await create('S1', 'VPN on phones', '<p>Ask the desk.</p>', {
    parentId: vpn.id,
    accountId: 'author-2',
  });
  const blog = await create('S2', 'Holiday closure', '<p>Closed on Friday.</p>', { kind: 'blogpost' });
  await act(vpn.id, 'label', { name: 'how-to' });
  await act(printer.id, 'attach', { fileName: 'tray diagram.png', mediaType: 'image/png' });
  const search = (cql: string, rest = '') =>
    site.read<Answer>(`/wiki/rest/api/search?cql=${encodeURIComponent(cql)}${rest}`);
  const titles = async (cql: string) => (await search(cql)).results.map((found) => found.content.title).sort();
  return { simulator, ...site, search, titles, act, create, vpn, printer, child, blog };
}

test('CQL: fields, operators, lists, NOT and parentheses', async (t) => {
  const { titles, vpn } = await library(t);
  const cases: [cql: string, expected: string[]][] = [
    ['type = page', ['Printer jams', 'VPN on phones', 'VPN setup']],
    ['type in (blogpost, attachment)', ['Holiday closure', 'tray diagram.png']],
    ['type = page AND space = S1', ['VPN on phones', 'VPN setup']],
    ['space in ("S1", S2) and type != attachment and type != page', ['Holiday closure']],
    ['title ~ "vpn"', ['VPN on phones', 'VPN setup']],
    ['title = "VPN setup"', ['VPN setup']],
    ['text ~ "vpn" and type = page', ['Printer jams', 'VPN on phones', 'VPN setup']],
    ['text ~ "printing"', []],
    ['text ~ "printer"', ['Printer jams', 'VPN setup']],
    ['siteSearch ~ "install client"', ['VPN setup']],
    ['text ~ "\\"the client\\""', ['VPN setup']],
    ['text ~ "\\"client the\\""', []],
    ['text ~ "inst*"', ['VPN setup']],
    ['text ~ "tray OR desk" and type = page', ['Printer jams', 'VPN on phones']],
    ['title ~ "VPN NOT phones"', ['VPN setup']],
    ['text ~ "OR NOT"', []],
    ['label = how-to', ['VPN setup']],
    ['label in ("how-to", "other") and not title ~ "setup"', []],
    ['type = page and not (title ~ vpn or title ~ printer)', []],
    ['creator = "author-2"', ['VPN on phones']],
    ['creator = currentUser() and type = page', ['Printer jams', 'VPN setup']],
    ['contributor = "author-2"', ['VPN on phones']],
    [`id = ${vpn.id}`, ['VPN setup']],
    [`parent = ${vpn.id}`, ['VPN on phones']],
    [`ancestor = ${vpn.id}`, ['VPN on phones']],
    ['lastmodified > now("-1d") and type = page', ['Printer jams', 'VPN on phones', 'VPN setup']],
    ['created < startOfDay("-1d")', []],
  ];
  for (const [cql, expected] of cases) {
    const found = await titles(cql);
    assert.deepEqual(found, expected, cql);
  }
});

test('order by, and relevance without it: a word in the title weighs more', async (t) => {
  const { search } = await library(t);
  const inOrder = async (cql: string) => (await search(cql)).results.map((found) => found.content.title);
  assert.deepEqual(await inOrder('type = page order by title desc'), ['VPN setup', 'VPN on phones', 'Printer jams']);
  assert.deepEqual((await inOrder('type = page order by created asc'))[0], 'VPN setup');
  assert.equal((await inOrder('text ~ "vpn" and type = page')).at(-1), 'Printer jams');
});

test('bad CQL is 400 in the v1 shape and says what was expected', async (t) => {
  const { get } = await library(t);
  for (const cql of [
    'type =',
    'type page',
    '(type = page',
    'unheard = 1',
    'type = space',
    'title > "x"',
    'lastmodified > "soon"',
    'type = page order title',
    'text ~ "a" "b"',
    '',
  ]) {
    const answered = await get(`/wiki/rest/api/search?cql=${encodeURIComponent(cql)}`);
    assert.equal(answered.status, 400, cql);
    const body = answered.json<{ statusCode: number; message: string; data: object }>();
    assert.equal(body.statusCode, 400);
    assert.match(body.message, /Could not parse cql/);
  }
});

test('quotes and backslashes in a value are escaped with a backslash', async (t) => {
  const { create, titles } = await library(t);
  const title = 'The "odd\\one" OR type = page';
  await create('S1', title, '<p></p>');
  const escaped = title.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  assert.deepEqual(await titles(`title = "${escaped}"`), [title]);
});

test('dates are minutes in the time zone of the USER, answers are UTC', async (t) => {
  const { simulator, cloudId, create } = await library(t);
  await simulator.control('POST', '/clock', { now: '2027-07-01T10:30:20Z' });
  await create('S1', 'At half past', '<p></p>');
  const search = async (account: { accountId: string }, cql: string) => {
    const tokens = await simulator.grant([cloudId], { accountId: account.accountId });
    const path = `/wiki/rest/api/search?cql=${encodeURIComponent(cql)}`;
    return (await simulator.reader(cloudId, tokens).read<Answer>(path)).results.map((found) => found.content.title);
  };
  await simulator.control('PUT', '/access', { accountId: single.accountId, cloudId, confluence: true });
  const berlin = (operator: string, time: string) => search(admin, `lastmodified ${operator} "2027-07-01 ${time}"`);
  assert.deepEqual(await berlin('>=', '12:30'), ['At half past'], 'Berlin is two hours ahead');
  assert.deepEqual(await berlin('>', '12:30'), [], 'the minute itself is not after itself');
  assert.deepEqual(await berlin('>=', '12:31'), []);
  assert.deepEqual(await search(single, 'lastmodified >= "2027-07-01 06:30"'), ['At half past'], 'New York is behind');
  assert.deepEqual(await search(single, 'lastmodified >= "2027/07/01 06:31"'), []);
  assert.deepEqual(await search(admin, 'lastmodified = "2027-07-01"'), ['At half past']);
  const tokens = await simulator.grant([cloudId]);
  const found = await simulator.reader(cloudId, tokens).read<Answer>(`/wiki/rest/api/search?cql=title~half`);
  assert.match(at(found.results, 0).lastModified, /^2027-07-01T10:30:2\d\.\d{3}Z$/);
});

test('excerpts are highlighted and escaped unless asked otherwise', async (t) => {
  const { search } = await library(t);
  const excerpt = async (mode: string) =>
    at((await search('text ~ "client"', mode && `&excerpt=${mode}`)).results, 0).excerpt;
  assert.equal(await excerpt(''), 'Install the @@@hl@@@client@@@endhl@@@ &#38; sign in. Printers are elsewhere.');
  assert.equal(
    await excerpt('highlight_unescaped'),
    'Install the @@@hl@@@client@@@endhl@@@ & sign in. Printers are elsewhere.',
  );
  assert.equal(await excerpt('indexed_unescaped'), 'Install the client & sign in. Printers are elsewhere.');
  assert.equal(await excerpt('none'), '');
  const [titled] = (await search('title ~ "setup"')).results;
  assert.equal(titled?.title, 'VPN @@@hl@@@setup@@@endhl@@@');
  assert.equal(titled?.content.title, 'VPN setup');
});

test('pages of results: totalSize, and a next link that lacks /wiki', async (t) => {
  const { search, read } = await library(t);
  const first = await search('type = page order by title', '&limit=2&excerpt=none');
  assert.deepEqual([first.size, first.totalSize, first.limit], [2, 3, 2]);
  const { next = '', base, context } = first._links;
  assert.ok(next.startsWith('/rest/api/search?'), next);
  assert.deepEqual([base, context], ['https://acme.atlassian.net/wiki', '/wiki']);
  const cursor = new URLSearchParams(next.split('?')[1]).get('cursor') ?? '';
  const second = await read<Answer>(
    `/wiki/rest/api/search?cql=${encodeURIComponent('type = page order by title')}&limit=2&cursor=${encodeURIComponent(cursor)}`,
  );
  assert.deepEqual(
    second.results.map((found) => found.content.title),
    ['VPN setup'],
  );
  assert.equal(second._links.next, undefined);
  const found = at(second.results, 0);
  assert.match(found.url, /^\/spaces\/S1\/pages\/\d+\/VPN\+setup$/);
  assert.equal(found.resultGlobalContainer.displayUrl, '/spaces/S1');
});

test('the index lags behind as long as the switch says, but never shows what is in the trash', async (t) => {
  const { simulator, titles, act, create, vpn } = await library(t);
  await titles('type = page');
  await simulator.control('PATCH', '/switches', { search: { indexLagMs: 30_000 } });
  await create('S1', 'Brand new', '<p></p>');
  await act(vpn.id, 'rename', { title: 'Tunnel setup' });
  assert.deepEqual(await titles('title ~ "new"'), []);
  assert.deepEqual(await titles('title ~ "setup"'), ['VPN setup'], 'still under its old title');
  await act(vpn.id, 'trash');
  assert.deepEqual(await titles('title ~ "setup"'), [], 'trash is never shown');
  await act(vpn.id, 'restore');
  await simulator.control('POST', '/clock', { advanceMs: 31_000 });
  assert.deepEqual(await titles('title ~ "new"'), ['Brand new']);
  assert.deepEqual(await titles('title ~ "setup"'), ['Tunnel setup']);
});

test('archived pages and spaces are not found', async (t) => {
  const { simulator, cloudId, titles, search, act, printer } = await library(t);
  await act(printer.id, 'archive');
  assert.deepEqual(await titles('title ~ "printer"'), []);
  await simulator.control('POST', `/sites/${cloudId}/spaces/S1/archive`);
  assert.deepEqual(await titles('type = page'), []);
  assert.equal((await search('type = page', '&includeArchivedSpaces=true')).totalSize, 2);
});
