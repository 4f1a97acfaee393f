import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { GROUPS } from '../../shared/tool/groups.ts';
import { type HttpAnswer, startStand } from './stand.ts';

const stand = await startStand();
const { cloudId, url: siteUrl } = stand.sites.acme ?? { cloudId: '', url: '' };
await stand.connect('acme', 'acme');
await stand.index('acme');
const reader = await stand.agent('acme', 'reader', GROUPS);
const searcher = await stand.agent('acme', 'searcher', ['search']);

afterEach(() => stand.simulator('DELETE', '/faults'));

test('an include that names something else than a page stays a link', async () => {
  const long = await newPage({ title: 'In parts', storage: `<p>${'walrus '.repeat(12_000)}</p>` });
  await stand.index('acme');
  const query = { query: 'SELECT VALUE c.id FROM c WHERE c.type = "part"', parameters: [] };
  const { resources } = await stand.deps.pages.items.query<string>(query, { partitionKey: 'acme' }).fetchAll();
  const part = resources.find((id) => id.includes(`:${long}:`))?.slice(cloudId.length + 1) ?? '';
  assert.ok(part.startsWith(long));
  await stand.deps.pages.items.upsert({ id: `${cloudId}:att77`, tenantId: 'acme', type: 'attachment', cloudId });
  const includes = [part, 'att77', long].map(
    (id) =>
      `<ac:structured-macro ac:name="include"><ac:parameter ac:name=""><ac:link><ri:content-entity ri:content-id="${id}"/></ac:link></ac:parameter></ac:structured-macro>`,
  );
  for (const [index, included] of includes.entries()) {
    const pageId = await newPage({ title: `Includes ${index}`, storage: included });
    const answer = await stand.call(reader, 'confluence_get_page', { pageId, fields: ['body'] });
    assert.equal(/walrus/.test(String(resultOf(answer).body)), index === 2, 'only the page itself is included');
  }
});

test('pages included by title are found in the space that the include names', async () => {
  const include = (key: string, title: string) =>
    `<ac:structured-macro ac:name="include"><ac:parameter ac:name=""><ac:link><ri:page ri:space-key="${key}" ri:content-title="${title}"/></ac:link></ac:parameter></ac:structured-macro>`;
  await newPage({ title: 'Shared notice', storage: '<p>notice of IT</p>' });
  await newPage({ title: 'Shared notice', storage: '<p>notice of HR</p>', spaceKey: 'HR' });
  await newPage({ title: 'Second notice', storage: '<p>second of IT</p>' });
  await stand.index('acme');
  const storage = [include('IT', 'Shared notice'), include('IT', 'Second notice'), include('IT', 'No such page')].join(
    '',
  );
  const pageId = await newPage({ title: 'Including by title', storage });
  const body = String(resultOf(await stand.call(reader, 'confluence_get_page', { pageId })).body);
  assert.match(body, /notice of IT.*second of IT/s);
  assert.doesNotMatch(body, /notice of HR/);
  await stand.connect('acme', 'acme', { excludedKeys: ['IT'] });
  const other = await newPage({ title: 'Including what is excluded', storage, spaceKey: 'HR' });
  const without = String(resultOf(await stand.call(reader, 'confluence_get_page', { pageId: other })).body);
  assert.doesNotMatch(without, /notice of|second of/);
  await stand.connect('acme', 'acme');
});

test('a hit carries no body, people or long text, whatever Confluence puts into it', async () => {
  const content = {
    id: '1',
    type: 'page',
    status: 'current',
    title: 'T',
    body: { storage: { value: 'the whole body' } },
    history: { createdBy: { displayName: 'Ada Lovelace' } },
    children: { page: { results: [{ body: 'the whole body' }] } },
  };
  const hit = { content, title: 'T', excerpt: 'x'.repeat(5_000), url: '/spaces/IT/pages/1' };
  const body = { results: [hit], start: 0, limit: 1, size: 1, _links: {} };
  await stand.simulator('POST', '/faults', { match: { path: '/rest/api/search$' }, answer: { status: 200, body } });
  for (const [operation, args] of [
    ['confluence_search', { query: 'x' }],
    ['confluence_request', { path: '/wiki/rest/api/search', query: { cql: 'type = page' } }],
  ] as const) {
    const text = JSON.stringify(resultOf(await stand.call(searcher, operation, args)));
    assert.doesNotMatch(text, /the whole body|Ada Lovelace|x{600}/);
    assert.match(text, /x{400}/, 'the excerpt is there');
  }
});

test('a draft or a page in the trash counts as not there, even if Confluence gives it', async () => {
  const pageId = await newPage({ title: 'Thrown away', storage: '<p>old</p>' });
  const path = `/wiki/api/v2/pages/${pageId}`;
  const original = resultOf(await stand.call(reader, 'confluence_request', { path })).json as object;
  for (const status of ['trashed', 'deleted', 'draft']) {
    const answer = { status: 200, body: { ...original, status } };
    await stand.simulator('POST', '/faults', { match: { path: `/pages/${pageId}$` }, answer });
    for (const [operation, args] of [
      ['confluence_get_page', { pageId }],
      ['confluence_request', { path }],
    ] as const) {
      const { body } = await stand.call(reader, operation, args);
      assert.equal(body.code, 'not_found_or_no_permission', `${operation} ${status}`);
    }
    await stand.simulator('DELETE', '/faults');
  }
});

test('a file’s URL opens it on a page and on a blog post, and says nothing about an excluded page', async () => {
  for (const kind of ['page', 'blogpost']) {
    const id = await newPage({ title: `With a file: ${kind}`, kind });
    await stand.simulator('POST', `/sites/${cloudId}/pages/${id}/attach`, { fileName: 'plan b.pdf', mediaType: 'a/b' });
    const attachmentId = `${siteUrl}/wiki/download/attachments/${id}/plan%20b.pdf?version=1`;
    const found = resultOf(await stand.call(reader, 'confluence_get_attachment', { attachmentId }));
    assert.equal(found.fileName, 'plan b.pdf', kind);
  }
  const hidden = await newPage({ title: 'Hidden files', spaceKey: 'HR' });
  await stand.simulator('POST', `/sites/${cloudId}/pages/${hidden}/attach`, { fileName: 'pay.pdf', mediaType: 'a/b' });
  await stand.connect('acme', 'acme', { excludedKeys: ['HR'] });
  const details = await Promise.all(
    ['pay.pdf', 'none.pdf'].map(async (name) => {
      const attachmentId = `${siteUrl}/wiki/download/attachments/${hidden}/${name}`;
      const { status, body } = await stand.call(reader, 'confluence_get_attachment', { attachmentId });
      assert.equal(status, 404);
      return body.detail;
    }),
  );
  assert.equal(details[0], details[1]);
  await stand.connect('acme', 'acme');
});

test('the key of one tenant reads nothing of another, whatever ids it names', async () => {
  await stand.connect('other', 'northwind');
  await stand.index('other');
  const theirs = await stand.agent('other', 'reader', GROUPS);
  const mine = await newPage({ title: 'Only of acme', storage: '<p>platypus</p>' });
  await stand.index('acme');
  await stand.arrived();
  for (const [operation, args] of [
    ['confluence_get_page', { pageId: mine }],
    ['confluence_get_page', { pageId: 'Only of acme' }],
    ['confluence_get_page', { pageId: `${siteUrl}/wiki/spaces/IT/pages/${mine}` }],
    ['confluence_search', { query: 'platypus' }],
    ['confluence_search_index', { query: 'platypus' }],
    ['confluence_request', { path: `/wiki/api/v2/pages/${mine}`, query: { 'body-format': 'storage' } }],
  ] as const) {
    const { body } = await stand.call(theirs, operation, args);
    assert.doesNotMatch(JSON.stringify(body), /<p>platypus|"Only of acme"|"results":\[\{/, operation);
  }
  const { cloudId: theirSite } = stand.sites.northwind ?? {};
  assert.ok((await stand.arrived()).every(({ path }) => path.startsWith(`/ex/confluence/${theirSite}/`)));
});

async function newPage(page: { title: string; storage?: string; spaceKey?: string; kind?: string }): Promise<string> {
  return (await stand.simulator('POST', `/sites/${cloudId}/pages`, { spaceKey: 'IT', ...page })).id as string;
}

function resultOf({ body }: HttpAnswer): Record<string, unknown> {
  assert.ok('result' in body, JSON.stringify(body));
  return body.result as Record<string, unknown>;
}
