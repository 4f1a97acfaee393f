import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { adfToMarkdown, storageToMarkdown } from '../../shared/content/convert.ts';
import { words } from './structure.ts';

/**
 * Bodies that break converters: what must hold is that they convert at all, without a stack overflow or an answer many
 * times their size. How fast is measured by the benchmark.
 */
const SITE = { siteUrl: 'https://acme.atlassian.net/wiki', spaceKey: 'ENG', pageId: '4711' };

const NESTED = {
  lists: ['<ul><li><p>level</p>', '</li></ul>'],
  'ordered lists': ['<ol><li>level', '</li></ol>'],
  quotes: ['<blockquote><p>level</p>', '</blockquote>'],
  tables: ['<table><tr><td><p>level</p>', '</td></tr></table>'],
  panels: [
    '<ac:structured-macro ac:name="info"><ac:rich-text-body><p>level</p>',
    '</ac:rich-text-body></ac:structured-macro>',
  ],
  tasks: ['<ac:task-list><ac:task><ac:task-body>level', '</ac:task-body></ac:task></ac:task-list>'],
  emphasis: ['<strong>level<em>', '</em></strong>'],
  headings: ['<h2>level', '</h2>'],
  boxes: ['<div>level', '</div>'],
} satisfies Record<string, [string, string]>;

describe('200 levels of', () => {
  for (const [name, [open, close]] of Object.entries(NESTED)) {
    test(`${name} convert, with every word`, () => {
      const storage = `${open.repeat(200)}<p>innermost</p>${close.repeat(200)}`;
      const { markdown, text } = storageToMarkdown(storage, SITE);
      assert.equal(words(text.replaceAll('level', ' level ')).filter((word) => word === 'level').length, 200);
      assert.match(text, /innermost/);
      assert.ok(markdown.length < 10 * storage.length);
    });
  }

  test('lists in the Atlassian Document Format convert, and more than that keeps its text', () => {
    let node: unknown = { type: 'paragraph', content: [{ type: 'text', text: 'innermost' }] };
    for (let level = 0; level < 5_000; level++) {
      node = { type: 'bulletList', content: [{ type: 'listItem', content: [node] }] };
    }
    assert.match(adfToMarkdown({ type: 'doc', content: [node] }, SITE).markdown, /innermost/);
  });
});

test('marks in marks, and thousands of them, do not overflow the stack', () => {
  let nested: unknown = { type: 'em' };
  for (let level = 0; level < 100_000; level++) nested = { type: 'strong', marks: [nested] };
  const marks = [nested, ...Array.from({ length: 5_000 }, (_, index) => ({ type: index % 2 ? 'em' : 'strong' }))];
  const { markdown } = adfToMarkdown(
    { type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text: 'x', marks }] }] },
    SITE,
  );
  assert.equal(markdown, '**_x_**\n');
});

test('100,000 unclosed and 100,000 stray tags convert', () => {
  const { text } = storageToMarkdown(`${'<div><b>'.repeat(50_000)}seen${'</x></p>'.repeat(50_000)}`, SITE);
  assert.equal(text, 'seen');
});

test('what follows the deepest nesting is read as usual', () => {
  const deep = `${'<div>'.repeat(5_000)}<p>deep</p>${'</div>'.repeat(5_000)}`;
  assert.equal(storageToMarkdown(`${deep}<h2>After</h2>`, SITE).markdown, 'deep\n\n## After\n');
});

test('a picture inside its own tag is not carried along; its description is', () => {
  const storage = `<p><img src="https://e.x/${'A'.repeat(1_000_000)}" alt="a chart"/></p>`;
  assert.equal(storageToMarkdown(storage, SITE).markdown, 'a chart\n');
});

test('a table of 20,000 cells with one wide cell does not grow', () => {
  const rows = '<tr><td>1</td><td>2</td></tr>'.repeat(10_000);
  const { markdown } = storageToMarkdown(`<table><tr><td>${'wide '.repeat(5_000)}</td></tr>${rows}</table>`, SITE);
  assert.equal(markdown.split('\n').length, 10_000 + 4);
  assert.ok(markdown.length < rows.length);
});

test('a line of a million characters converts to the same line', () => {
  const line = 'word '.repeat(200_000).trim();
  assert.equal(storageToMarkdown(`<p>${line}</p>`, SITE).markdown, `${line}\n`);
});

test('a line of 300,000 characters that all need an escape converts', () => {
  const { markdown } = storageToMarkdown(`<p>${'*'.repeat(300_000)}</p>`, SITE);
  assert.equal(markdown, `${'\\*'.repeat(300_000)}\n`);
});

test('a list of 20,000 items is numbered to the end', () => {
  const { markdown } = storageToMarkdown(`<ol>${'<li>x</li>'.repeat(20_000)}</ol>`, SITE);
  assert.ok(markdown.endsWith('\n20000. x\n'));
});

describe('patterns that some converters search for from every character:', () => {
  const long = 200_000;
  const cases = {
    'bold punctuation': `<p><b>${'!'.repeat(long)}a</b>x</p>`,
    'punctuation before a word': `<p><b>a${'!'.repeat(long)}</b>x</p>`,
    'brackets after an address': `<p>http://a.b/${')'.repeat(long)}</p>`,
    'a long style': `<p><span style="${'text-decoration'.repeat(long / 15)}">x</span></p>`,
    'backslashes in a tag': `<p>x</p><a${'\\'.repeat(long)}b>y`,
    'an emoji id': `<p><ac:emoticon ac:name="x" ac:emoji-id="${'1f4cb-'.repeat(long / 6)}1f4cb"/>x</p>`,
    'a picture address': `<ac:image><ri:url ri:value="http://a/${'?'.repeat(30_000)}&#10;"/></ac:image>`,
    'backticks of every length': `<p><code>${Array.from({ length: 600 }, (_, n) => '`'.repeat(n)).join(' ')}</code></p>`,
    'half a reference': `<p>${'[@a]('.repeat(long / 5)}</p>`,
  };
  for (const [name, storage] of Object.entries(cases)) {
    test(name, () => {
      const { markdown } = storageToMarkdown(storage, SITE);
      assert.ok(markdown.length > 1 && markdown.length < 3 * storage.length);
    });
  }
});
