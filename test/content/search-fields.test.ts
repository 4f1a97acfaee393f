import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storageToMarkdown } from '../../shared/content/convert.ts';

const SITE = { siteUrl: 'https://acme.atlassian.net/wiki/', spaceKey: 'ENG', pageId: '4711' };
const convert = (storage: string) => storageToMarkdown(storage, SITE);

const panel = (body: string) =>
  `<ac:structured-macro ac:name="info"><ac:rich-text-body>${body}</ac:rich-text-body></ac:structured-macro>`;

test('the plain text has one line per block, cells and code too, without markup, people and macro marks', () => {
  const { text } = convert(
    `<h1>Title</h1><p>Some <strong>bold</strong> and <ac:link><ri:user ri:account-id="a1"/></ac:link></p>
     <ac:structured-macro ac:name="toc"/><table><tr><th>Head</th><td colspan="2">two <em>words</em></td></tr></table>
     <pre>code *here*</pre><ul><li><a href="https://example.com">link</a><br/>second</li></ul>`,
  );
  assert.equal(text, 'Title\nSome bold and\nHead\ntwo words\ncode *here*\nlink\nsecond');
});

test('the excerpt is the first prose, not a heading or a mark, and ends with a sentence', () => {
  const long = 'This is a sentence of the page that says something. '.repeat(10);
  const { excerpt } = convert(`<h1>Title</h1><ac:structured-macro ac:name="toc"/><p>${long}</p>`);
  assert.equal(excerpt, long.slice(0, 52 * 5 - 1));
  assert.ok(excerpt.length <= 300);
});

test('the excerpt of a text without sentences ends at a word, within 300 characters', () => {
  const { excerpt } = convert(`<p>${'word '.repeat(200)}</p>`);
  assert.match(excerpt, /^word( word)+…$/);
  assert.ok(excerpt.length <= 300);
});

test('a page of tables only has its cells as excerpt', () => {
  assert.equal(convert('<table><tr><td>one</td><td>two</td></tr></table>').excerpt, 'one two');
});

test('an empty page converts to nothing', () => {
  const page = convert('');
  assert.deepEqual([page.markdown, page.text, page.excerpt, page.outline], ['', '', '', []]);
  assert.equal(page.hash.length, 43);
});

test('the outline has the place of every heading, in panels, lists and tables too', () => {
  const { markdown, outline } = convert(
    `<h1>One &amp; only</h1><p># not one</p>${panel('<h2>In a panel</h2><p>x</p>')}<ul><li><p>a</p><h3>In a list</h3></li></ul>
     <table><tr><td><h2>In a table</h2></td><td colspan="2">x</td></tr></table><h2>In a panel</h2><pre># code</pre>`,
  );
  const places = outline.map(({ level, text, anchor, offset }) => [
    markdown.slice(offset).split('\n')[0],
    level,
    text,
    anchor,
  ]);
  assert.deepEqual(places, [
    ['# One & only', 1, 'One & only', 'one--only'],
    ['## In a panel', 2, 'In a panel', 'in-a-panel'],
    ['### In a list', 3, 'In a list', 'in-a-list'],
    ['## In a table', 2, 'In a table', 'in-a-table'],
    ['## In a panel', 2, 'In a panel', 'in-a-panel-1'],
  ]);
});

test('the outline has the place of every heading in the text, also when a table cell says the same before it', () => {
  const { text, outline } = convert(
    `<h2>Codes</h2><table><tr><td>E1</td><td>E2</td></tr></table><p>two<br/>lines</p><h2>E1</h2><p>x</p>${panel('<h3>E2</h3>')}`,
  );
  assert.deepEqual(
    outline.map(({ text: heading, textOffset }) => [heading, text.slice(0, textOffset)]),
    [
      ['Codes', ''],
      ['E1', 'Codes\nE1\nE2\ntwo\nlines\n'],
      ['E2', 'Codes\nE1\nE2\ntwo\nlines\nE1\nx\n'],
    ],
  );
});

test('references are collected once each, in the order of the page', () => {
  const user = (id: string) => `<ac:link><ri:user ri:account-id="${id}"/></ac:link>`;
  const include = (name: string, title: string) =>
    `<ac:structured-macro ac:name="${name}"><ac:parameter ac:name=""><ri:page ri:content-title="${title}"/></ac:parameter></ac:structured-macro>`;
  const body = `<p>${user('b')}${user('a')}${user('b')}</p>${include('include', 'X')}${include('excerpt-include', 'Y')}`;
  assert.deepEqual(convert(body).references, {
    accountIds: ['b', 'a'],
    includes: [
      { spaceKey: 'ENG', title: 'X' },
      { spaceKey: 'ENG', title: 'Y', excerpt: '' },
    ],
  });
});

test('the hash follows the Markdown, not the way it was written', () => {
  assert.equal(convert('<p>a  b</p>').hash, convert('<p>a\n<span>b</span></p>\n').hash);
  assert.notEqual(convert('<p>a</p>').hash, convert('<p>b</p>').hash);
});
