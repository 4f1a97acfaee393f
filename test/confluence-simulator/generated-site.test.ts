import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storageToAdf } from '../../local/confluence/adf.ts';
import { generateBody } from '../../local/confluence/content/generated-body.ts';
import { generatedTitle } from '../../local/confluence/content/titles.ts';
import { ids, startSimulator } from './setup.ts';

test('the same seed makes the same site, another seed another one', async (t) => {
  const simulator = await startSimulator(t);
  const dump = async (name: string, seed: number) => {
    const { readAll } = await simulator.site({ name, seed, pages: 25, attachments: 3 });
    const pages = await readAll('/pages?limit=250&body-format=storage');
    return JSON.stringify(pages.map(({ id, title, parentId, body }) => ({ id, title, parentId, body })));
  };
  const first = await dump('one', 5);
  assert.equal(await dump('two', 5), first, 'page ids overlap between sites, as in reality');
  assert.notEqual(await dump('three', 6), first);
});

test('counts are exact, ids are ascending with gaps, titles unique, parents exist', async (t) => {
  const simulator = await startSimulator(t);
  const { read, readAll } = await simulator.site({
    ...{ pages: 500, spaces: 7, archivedPages: 20, trashedPages: 10, blogposts: 9, folders: 7, labels: 30 },
    ...{ labelsPerPage: 2, attachments: 40, users: 12 },
  });
  const pages = await readAll('/pages?limit=250&status=current,archived,trashed');
  assert.equal(pages.length, 530);
  assert.equal((await readAll('/blogposts?limit=250')).length, 9);
  assert.equal((await readAll('/labels?limit=250')).length, 30);
  assert.equal((await readAll('/attachments?limit=250')).length, 40);
  assert.equal((await read('/spaces')).results.length, 7);
  const numbers = ids(pages).map(Number);
  assert.ok(numbers.every((id, index) => index === 0 || id > (numbers[index - 1] ?? 0)));
  assert.ok((numbers.at(-1) ?? 0) - (numbers[0] ?? 0) > 1.5 * numbers.length);
  assert.equal(new Set(pages.map((page) => page.title)).size, 530);
  const known = new Set(ids(pages));
  assert.ok(pages.every((page) => page.parentId === null || page.parentType === 'folder' || known.has(page.parentId)));
  assert.ok(pages.some((page) => page.parentType === 'folder'));
  const quiet = new Date(Date.now() - 3_500_000).toISOString();
  assert.ok(pages.every((page) => page.version.createdAt < quiet && page.version.createdAt >= page.createdAt));
});

test('titles stay unique far beyond the number of their combinations', () => {
  const titles = new Set(Array.from({ length: 60_000 }, (_, index) => generatedTitle(3, index)));
  assert.equal(titles.size, 60_000);
});

test('bodies vary in size around what was asked for and hold every construct', () => {
  const page = { seed: 1, bodyVersion: 1, bodyBytes: 4_000, users: 20, pages: 400 };
  const bodies = Array.from({ length: 400 }, (_, index) => generateBody({ ...page, index }));
  const average = bodies.reduce((sum, body) => sum + body.length, 0) / bodies.length;
  assert.ok(average > 2_800 && average < 5_200, `${average}`);
  assert.ok(Math.max(...bodies.map((body) => body.length)) > 8_000);
  const all = bodies.join('');
  for (const part of [
    'ac:name="code"',
    'ac:name="info"',
    'ac:name="expand"',
    'ac:name="status"',
    '<table',
    '<ac:task-list>',
    'ri:account-id=',
    'ri:content-title=',
    '&rsquo;',
    'ö',
    '<h2>',
    '<ol>',
  ]) {
    assert.ok(all.includes(part), part);
  }
});

test('ADF: headings, lists, code, panels, tables, statuses, tasks, mentions, links, marks and unknown macros', () => {
  const storage = `<h2>Title</h2><p>A <strong>bold</strong> <a href="https://x.example">link</a>&nbsp;&rsquo;<br/><code>x</code></p>
    <ul><li>one<ol><li><p>two</p></li></ol></li></ul>
    <ac:structured-macro ac:name="code"><ac:parameter ac:name="language">sql</ac:parameter><ac:plain-text-body><![CDATA[a < b && "c" &nbsp; ]]]]><![CDATA[>]]></ac:plain-text-body></ac:structured-macro>
    <ac:structured-macro ac:name="warning"><ac:rich-text-body><p>Hot</p></ac:rich-text-body></ac:structured-macro>
    <table><tbody><tr><th><p>H</p></th><td colspan="2"><p>C</p></td></tr></tbody></table>
    <p><ac:structured-macro ac:name="status"><ac:parameter ac:name="title">DONE</ac:parameter><ac:parameter ac:name="colour">Green</ac:parameter></ac:structured-macro><ac:link><ri:user ri:account-id="u1" /></ac:link></p>
    <ac:task-list><ac:task><ac:task-id>7</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>Do</ac:task-body></ac:task></ac:task-list>
    <ac:structured-macro ac:name="drawio"><ac:parameter ac:name="diagram">d</ac:parameter></ac:structured-macro>`;
  const document = JSON.parse(storageToAdf(storage)) as { content: { type: string }[] };
  assert.deepEqual(
    document.content.map((node) => node.type),
    ['heading', 'paragraph', 'bulletList', 'codeBlock', 'panel', 'table', 'paragraph', 'taskList', 'extension'],
  );
  const text = JSON.stringify(document);
  for (const part of [
    '{"type":"text","text":"bold","marks":[{"type":"strong"}]}',
    '"marks":[{"type":"link","attrs":{"href":"https://x.example"}}]',
    '{"type":"hardBreak"}',
    '"content":[{"type":"text","text":"a < b && \\"c\\" &nbsp; ]]>"}]',
    '"panelType":"error"',
    '"colspan":2',
    '{"type":"status","attrs":{"text":"DONE","color":"green","style":""}}',
    '{"type":"mention","attrs":{"id":"u1"',
    '"state":"DONE"',
    '"extensionKey":"drawio"',
  ]) {
    assert.ok(text.includes(part), part);
  }
  assert.doesNotMatch(text, /"text":""}/, 'ADF has no empty text nodes');
});
