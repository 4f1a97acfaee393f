import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, at, type Item, ids, startSimulator } from './setup.ts';

async function siteWithActions(t: Parameters<typeof startSimulator>[0], options = {}) {
  const simulator = await startSimulator(t);
  const site = await simulator.site({ pages: 20, spaces: 2, ...options });
  const act = (id: string, action: string, body = {}) =>
    simulator.control('POST', `/sites/${site.cloudId}/pages/${id}/${action}`, body);
  const truth = async () => {
    const answered = await simulator.call('GET', `/_simulator/sites/${site.cloudId}/truth`);
    return answered.text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Item & { kind: string; labels: { name: string }[] });
  };
  const first = at((await site.read('/pages?sort=id')).results, 0);
  return { simulator, act, truth, first, ...site };
}

test('an update makes a new version with a new date and body; the old one stays readable', async (t) => {
  const { simulator, act, first, read } = await siteWithActions(t);
  const before = await read<Item>(`/pages/${first.id}?body-format=storage`);
  await simulator.control('POST', '/clock', { advanceMs: 60_000 });
  await act(first.id, 'update', { storage: '<p>New words.</p>', message: 'because', accountId: 'someone' });
  const after = await read<Item>(`/pages/${first.id}?body-format=storage`);
  assert.equal(after.body.storage?.value, '<p>New words.</p>');
  assert.equal(after.version.number, before.version.number + 1);
  assert.equal(after.version.message, 'because');
  assert.equal(after.version.authorId, 'someone');
  assert.ok(after.version.createdAt > before.version.createdAt);
  assert.equal(after.authorId, before.authorId, 'the creator stays');
  const newest = at((await read('/pages?sort=-modified-date&limit=1')).results, 0);
  assert.equal(newest.id, first.id);
  const past = await read<Item>(`/pages/${first.id}?version=${before.version.number}&body-format=storage`);
  assert.equal(past.body.storage?.value, before.body.storage?.value);
  assert.equal(past.status, 'historical');
  const versions = (await read(`/pages/${first.id}/versions`)).results as unknown as { number: number }[];
  assert.deepEqual(
    versions.map((version) => version.number),
    Array.from({ length: after.version.number }, (_, index) => after.version.number - index),
  );
});

test('an update without a body rewrites a generated page; a rename leaves its body alone', async (t) => {
  const { act, first, read } = await siteWithActions(t);
  const body = async () => (await read<Item>(`/pages/${first.id}?body-format=storage`)).body.storage?.value;
  const before = await body();
  await act(first.id, 'rename', { title: 'Another title' });
  assert.equal(await body(), before);
  assert.equal((await read<Item>(`/pages/${first.id}`)).title, 'Another title');
  await act(first.id, 'update');
  assert.notEqual(await body(), before);
});

test('deleting a past version renumbers: the number goes down, date and body stay', async (t) => {
  const { act, first, read } = await siteWithActions(t);
  await act(first.id, 'update', { storage: '<p>One.</p>' });
  await act(first.id, 'update', { storage: '<p>Two.</p>' });
  const before = await read<Item>(`/pages/${first.id}?body-format=storage`);
  await act(first.id, 'delete-version', { number: before.version.number - 1 });
  const after = await read<Item>(`/pages/${first.id}?body-format=storage`);
  assert.equal(after.version.number, before.version.number - 1);
  assert.equal(after.version.createdAt, before.version.createdAt);
  assert.equal(after.body.storage?.value, '<p>Two.</p>');
  await act(first.id, 'update', { storage: '<p>Three.</p>' });
  const past = await read<Item>(`/pages/${first.id}?body-format=storage&version=${after.version.number}`);
  assert.equal(past.body.storage?.value, '<p>Two.</p>', 'bodies are not mixed up by the renumbering');
});

test('moves, labels, restrictions and archiving make no new version', async (t) => {
  const { act, read, cloudId, simulator, first } = await siteWithActions(t);
  const child = at((await read(`/pages/${first.id}/direct-children`)).results, 0);
  const before = await read<Item>(`/pages/${child.id}`);
  await act(child.id, 'label', { name: 'fresh' });
  await act(child.id, 'restrict', { accountIds: [admin.accountId] });
  await act(child.id, 'unrestrict');
  await act(child.id, 'archive');
  assert.equal((await read<Item>(`/pages/${child.id}`)).status, 'archived');
  await act(child.id, 'unarchive');
  await act(child.id, 'move', { spaceKey: 'S2' });
  const after = await read<Item>(`/pages/${child.id}`);
  assert.deepEqual(after.version, before.version);
  assert.notEqual(after.spaceId, before.spaceId);
  assert.equal(after.parentId, null);
  const answered = await simulator.call('POST', `/_simulator/sites/${cloudId}/pages/${first.id}/move`, {
    parentId: first.id,
  });
  assert.equal(answered.status, 404, 'not below itself');
});

test('trash, restore and purge; the children of a trashed page move up', async (t) => {
  const { act, read, get, first } = await siteWithActions(t);
  const child = at((await read(`/pages/${first.id}/direct-children`)).results, 0);
  const grandchild = at((await read(`/pages/${child.id}/direct-children?limit=1`)).results.concat(child), 0);
  await act(child.id, 'trash');
  assert.equal((await get(`/pages/${child.id}`)).status, 404);
  assert.equal((await read<Item>(`/pages/${child.id}?status=trashed`)).status, 'trashed');
  assert.deepEqual(ids((await read(`/pages?id=${child.id}&status=current,archived,trashed`)).results), [child.id]);
  if (grandchild.id !== child.id) assert.equal((await read<Item>(`/pages/${grandchild.id}`)).parentId, first.id);
  await act(child.id, 'restore');
  assert.equal((await read<Item>(`/pages/${child.id}`)).status, 'current');
  await act(child.id, 'purge');
  assert.deepEqual((await read(`/pages?id=${child.id}&status=current,archived,trashed,deleted`)).results, []);
});

test('labels: by label, by page, by prefix; one that nothing carries is gone', async (t) => {
  const { act, read, first } = await siteWithActions(t, { labels: 0 });
  await act(first.id, 'label', { name: 'shared' });
  await act(first.id, 'label', { name: 'mine', prefix: 'my' });
  await act(first.id, 'label', { name: 'theirs', prefix: 'my', accountId: 'somebody-else' });
  await act(first.id, 'label', { name: 'squad', prefix: 'team' });
  const names = async (path: string) =>
    (await read(path)).results.map((label) => `${label.prefix}:${label.name}`).sort();
  assert.deepEqual(await names('/labels'), ['global:shared', 'my:mine', 'team:squad']);
  assert.deepEqual(await names('/labels?prefix=global'), ['global:shared']);
  assert.deepEqual(await names(`/pages/${first.id}/labels`), ['global:shared', 'my:mine', 'team:squad']);
  assert.deepEqual(await names(`/spaces/${first.spaceId}/content/labels`), ['my:mine', 'team:squad'], 'the trap');
  const label = at((await read('/labels?prefix=global')).results, 0);
  assert.deepEqual(ids((await read(`/labels/${label.id}/pages`)).results), [first.id]);
  assert.deepEqual(ids((await read(`/labels/${label.id}/pages?space-id=1`)).results), []);
  await act(first.id, 'unlabel', { name: 'shared' });
  assert.deepEqual(await names('/labels?prefix=global'), []);
  assert.ok(!('labels' in (await read<Item>(`/pages/${first.id}`))), 'labels come only when asked for');
});

test('attachments are listed for the site, newest first, with their page, and follow it into the trash', async (t) => {
  const { simulator, act, read, get, first } = await siteWithActions(t, { attachments: 5 });
  await act(first.id, 'attach', { fileName: 'plan b.pdf', mediaType: 'application/pdf', sizeBytes: 12 });
  type File = Item & { pageId: string; fileSize: number; mediaType: string; downloadLink: string; webuiLink: string };
  const newest = at((await read('/attachments?sort=-modified-date&limit=1')).results, 0) as File;
  assert.match(newest.id, /^att\d+$/);
  assert.deepEqual(
    [newest.title, newest.pageId, newest.mediaType, newest.fileSize],
    ['plan b.pdf', first.id, 'application/pdf', 12],
  );
  assert.ok(newest.downloadLink.startsWith(`/download/attachments/${first.id}/plan%20b.pdf`));
  assert.equal((await read('/attachments')).results.length, 6);
  assert.equal((await read<Item>(`/attachments/${newest.id}`)).id, newest.id);
  await simulator.control('POST', '/clock', { advanceMs: 1000 });
  await act(first.id, 'attach', { fileName: 'plan b.pdf', sizeBytes: 13 });
  assert.equal((await read<Item>(`/attachments/${newest.id}`)).version.number, 2, 'the same name is a new version');
  await act(first.id, 'trash');
  assert.equal((await get(`/attachments/${newest.id}`)).status, 404);
  await act(first.id, 'restore');
  await act(first.id, 'detach', { fileName: 'plan b.pdf' });
  assert.deepEqual(ids((await read(`/pages/${first.id}/attachments`)).results).includes(newest.id), false);
});

test('people: users-bulk names them, renames and closed accounts show', async (t) => {
  const { simulator, cloudId, tokens, first } = await siteWithActions(t);
  const read = async () => {
    const body = { accountIds: [first.authorId, 'unknown'] };
    const path = `/ex/confluence/${cloudId}/wiki/api/v2/users-bulk`;
    const answered = await simulator.call('POST', path, body, simulator.bearer(tokens));
    return answered.json<{ results: { displayName: string; accountStatus: string }[] }>().results;
  };
  assert.equal((await read()).length, 1, 'unknown people are left out');
  await simulator.control('PATCH', `/accounts/${first.authorId}`, { displayName: 'New Name' });
  assert.equal(at(await read(), 0).displayName, 'New Name');
  await simulator.control('PATCH', `/accounts/${first.authorId}`, { status: 'closed' });
  assert.equal(at(await read(), 0).accountStatus, 'closed');
  assert.notEqual(at(await read(), 0).displayName, 'New Name');
});

test('a deleted space takes everything with it and leaves nothing in a trash', async (t) => {
  const { simulator, cloudId, read, get, first, truth } = await siteWithActions(t, { attachments: 4 });
  await simulator.control('POST', `/sites/${cloudId}/spaces/S1/delete`);
  assert.equal((await get(`/spaces/${first.spaceId}`)).status, 404);
  assert.deepEqual((await read(`/pages?id=${first.id}&status=current,archived,trashed,deleted`)).results, []);
  assert.ok((await truth()).every((item) => item.spaceId !== first.spaceId));
});

test('the truth agrees with the API', async (t) => {
  const { read, readAll, truth, act, first } = await siteWithActions(t, {
    attachments: 3,
    blogposts: 2,
    archivedPages: 1,
  });
  await act(first.id, 'label', { name: 'zebra' });
  const told = await truth();
  const pages = told.filter((item) => item.kind === 'page');
  const listed = await readAll('/pages?limit=250&status=current,archived,trashed');
  assert.deepEqual(
    pages.map(({ id, title, status, spaceId, parentId, version }) => ({
      id,
      title,
      status,
      spaceId,
      parentId,
      at: version.createdAt,
    })),
    listed.map(({ id, title, status, spaceId, parentId, version }) => ({
      id,
      title,
      status,
      spaceId,
      parentId,
      at: version.createdAt,
    })),
  );
  const labels = (await read(`/pages/${first.id}/labels`)).results.map((label) => label.name).sort();
  assert.deepEqual(
    pages.find((page) => page.id === first.id)?.labels.map((label) => label.name),
    labels,
  );
  assert.equal(told.filter((item) => item.kind === 'space').length, 2);
  assert.equal(told.filter((item) => item.kind === 'attachment').length, 3);
  assert.equal(told.filter((item) => item.kind === 'blogpost').length, 2);
});

test('view resolves includes and mentions, storage does not', async (t) => {
  const { simulator, cloudId, read, first } = await siteWithActions(t);
  const create = (title: string, storage: string) =>
    simulator.control<{ id: string }>('POST', `/sites/${cloudId}/pages`, { spaceKey: 'S1', title, storage });
  const include = (macro: string, title: string) =>
    `<ac:structured-macro ac:name="${macro}"><ac:parameter ac:name=""><ac:link><ri:page ri:content-title="${title}" /></ac:link></ac:parameter></ac:structured-macro>`;
  await create(
    'Part',
    '<p>Included words</p><ac:structured-macro ac:name="excerpt"><ac:rich-text-body><p>The gist</p></ac:rich-text-body></ac:structured-macro>',
  );
  const loop = await create('Loop', `<p>Round</p>${include('include', 'Loop')}`);
  const whole = await create(
    'Whole',
    `${include('include', 'Part')}<hr/>${include('excerpt-include', 'Part')}<p><ac:link><ri:user ri:account-id="${admin.accountId}" /></ac:link></p>`,
  );
  const body = async (id: string, format: 'storage' | 'view') =>
    (await read<Item>(`/pages/${id}?body-format=${format}`)).body[format]?.value ?? '';
  assert.ok(!(await body(whole.id, 'storage')).includes('Included words'));
  const [included, excerpt] = (await body(whole.id, 'view')).split('<hr />');
  assert.match(included ?? '', /Included words/);
  assert.match(excerpt ?? '', /The gist/);
  assert.doesNotMatch(excerpt ?? '', /Included words/);
  assert.match(excerpt ?? '', /Alex Admin/);
  const outer = await create('Outer', include('include', 'Whole'));
  assert.match(await body(outer.id, 'view'), /Included words/, 'an include inside an include');
  assert.match(await body(loop.id, 'view'), /Round/, 'a page that includes itself ends');
  assert.ok((await body(first.id, 'view')).length > 0);
});

test('a control request that cannot be done says why', async (t) => {
  const { simulator, cloudId, first } = await siteWithActions(t);
  const refused = async (path: string, body: object, status: number, reason: RegExp) => {
    const answered = await simulator.call('POST', `/_simulator${path}`, body);
    assert.equal(answered.status, status);
    assert.match(answered.text, reason);
  };
  await refused(`/sites/${cloudId}/pages/1/trash`, {}, 404, /no page or blog post 1/);
  await refused(`/sites/${cloudId}/pages/${first.id}/fly`, {}, 404, /no such action: fly; there are update/);
  await refused(`/sites/${cloudId}/pages/${first.id}/rename`, { name: 'x' }, 400, /title/);
  await refused('/sites', { name: 'wiki' }, 409, /exists already/);
  await refused('/sites', { name: 'x', pagez: 3 }, 400, /pagez/);
  await refused('/nothing', {}, 404, /no such control route/);
});
