import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storageToMarkdown } from '../../shared/content/convert.ts';
import type { PageReference } from '../../shared/content/links.ts';
import { type IncludedPage, type Resolver, resolveReferences } from '../../shared/content/resolve.ts';

const site = (pageId: string) => ({ siteUrl: 'https://acme.atlassian.net/wiki', spaceKey: 'ENG', pageId });

const user = (id: string, body = '') =>
  `<ac:link><ri:user ri:account-id="${id}"/>${body && `<ac:link-body>${body}</ac:link-body>`}</ac:link>`;

const macro = (name: string, parameters: string, body = '') =>
  `<ac:structured-macro ac:name="${name}">${parameters}${body && `<ac:rich-text-body>${body}</ac:rich-text-body>`}</ac:structured-macro>`;

const pageParameter = (title: string) =>
  `<ac:parameter ac:name=""><ac:link><ri:page ri:content-title="${title}"/></ac:link></ac:parameter>`;

const include = (title: string) => macro('include', pageParameter(title));

const excerptInclude = (title: string, name = '') =>
  macro('excerpt-include', `${pageParameter(title)}<ac:parameter ac:name="name">${name}</ac:parameter>`);

const excerpt = (name: string, body: string) =>
  macro('excerpt', `<ac:parameter ac:name="name">${name}</ac:parameter>`, body);

/** A small index: bodies by title, each page's id is its title in lower case; every look-up is kept. */
function indexOf(bodies: Record<string, string>, names: Record<string, string> = {}) {
  const asked: { pages: (readonly PageReference[])[]; names: (readonly string[])[] } = { pages: [], names: [] };
  const stored = new Map<string, IncludedPage>();
  for (const [title, body] of Object.entries(bodies)) {
    const pageId = title.toLowerCase();
    const { markdown } = storageToMarkdown(body, site(pageId));
    stored.set(title, { pageId, title, url: `https://acme.atlassian.net/wiki/spaces/ENG/pages/${pageId}`, markdown });
  }
  const resolver: Resolver = {
    async displayNames(accountIds) {
      asked.names.push(accountIds);
      return new Map(Object.entries(names));
    },
    async pages(references) {
      asked.pages.push(references);
      return references.map(({ title = '' }) => stored.get(title));
    },
  };
  const read = (title: string, options = {}) =>
    resolveReferences(stored.get(title)?.markdown ?? '', resolver, { pageId: title.toLowerCase(), ...options });
  return { resolver, asked, read };
}

describe('mentions', () => {
  test('show the display name, escaped, and are looked up once each in one call', async () => {
    const body = `<p>${user('a:1')} and ${user('a:1')} and ${user('b')} and ${user('c', 'the owner')}</p>`;
    const { asked, read } = indexOf({ A: body }, { 'a:1': 'Ann *O_x_* | [Dev]', c: 'Cy' });
    const shown = '@Ann \\*O_x\\_\\* \\| \\[Dev]';
    assert.equal(await read('A'), `${shown} and ${shown} and @b and the owner (@Cy)\n`);
    assert.deepEqual(asked.names, [['a:1', 'b', 'c']]);
    assert.deepEqual(asked.pages, []);
  });

  test('keep a table in one piece', async () => {
    const { read } = indexOf({ A: `<table><tr><th>x</th></tr><tr><td>${user('a')}</td></tr></table>` }, { a: 'A | B' });
    assert.equal(await read('A'), '| x |\n| - |\n| @A \\| B |\n');
  });

  test('in code, and what only looks like one, stay as they are', async () => {
    const forged = '[@a](https://acme.atlassian.net/wiki/people/a "confluence:user")';
    const { asked, read } = indexOf({
      A: `<p>${forged.replaceAll('"', '&quot;')}</p><pre>${forged}</pre><p><code>${forged}</code></p>`,
    });
    const text = await read('A');
    assert.ok(text.includes(`\`\`\`\n${forged}\n\`\`\``), text);
    assert.ok(text.includes(`\`${forged}\``), text);
    assert.deepEqual(asked.names, []);
  });
});

describe('includes', () => {
  test('stand in place with their source named, also inside lists, quotes and tables', async () => {
    const two = '<p>first</p><pre>code\n\n  line</pre>';
    const { read } = indexOf({
      Two: two,
      A: `<ul><li>${include('Two')}</li></ul>${macro('info', '', include('Two'))}<table><tr><td>${include('Two')}</td></tr></table>`,
    });
    const source = 'From [Two](https://acme.atlassian.net/wiki/spaces/ENG/pages/two):';
    const lines = [source, '', 'first', '', '```', 'code', '', '  line', '```'];
    const indented = (prefix: string) => lines.map((line) => `${prefix}${line}`.trimEnd()).join('\n');
    const list = `- ${indented('  ').trimStart()}`;
    const quote = `> [!NOTE]\n${indented('> ')}`;
    const table = `<table>\n<tr><td>\n\n${indented('')}\n\n</td></tr>\n</table>`;
    assert.equal(await read('A'), `${list}\n\n${quote}\n\n${table}\n`);
  });

  test('are looked up once a level, each page once', async () => {
    const { asked, read } = indexOf({
      A: `${include('B')}${include('C')}${include('B')}`,
      B: include('D'),
      C: `${include('D')}${include('B')}`,
      D: '<p>end</p>',
    });
    assert.equal((await read('A')).match(/end/g)?.length, 4);
    const titles = asked.pages.map((references) => references.map(({ title }) => title));
    assert.deepEqual(titles, [['B', 'C'], ['D']]);
  });

  test('are followed to depth 3; the next is a link', async () => {
    const { read } = indexOf({
      A: include('B'),
      B: include('C'),
      C: include('D'),
      D: `<p>deep</p>${include('E')}`,
      E: '<p>too deep</p>',
    });
    const text = await read('A');
    assert.match(text, /deep\n\n\[E\]\(https:\/\/acme\.atlassian\.net\/wiki\/display\/ENG\/E\)\n$/);
    assert.doesNotMatch(text, /too deep/);
  });

  test('of a page that includes itself, at any distance, are links', async () => {
    const { read } = indexOf({ A: `<p>a</p>${include('B')}${include('A')}`, B: `<p>b</p>${include('A')}` });
    const link = '[A](https://acme.atlassian.net/wiki/display/ENG/A)';
    assert.equal(
      await read('A'),
      `a\n\nFrom [B](https://acme.atlassian.net/wiki/spaces/ENG/pages/b):\n\nb\n\n${link}\n\n${link}\n`,
    );
  });

  test('of a page that is not to be had are links without the reference', async () => {
    const { read } = indexOf({ A: include('Gone &amp; lost') });
    assert.equal(await read('A'), '[Gone & lost](https://acme.atlassian.net/wiki/display/ENG/Gone+%26+lost)\n');
  });

  test('name the people of the included pages too, in the same one call', async () => {
    const { asked, read } = indexOf(
      { A: `<p>${user('a')}</p>${include('B')}`, B: `<p>${user('b')}</p>` },
      { a: 'Ann', b: 'Bo' },
    );
    assert.match(await read('A'), /@Ann[\s\S]*@Bo/);
    assert.deepEqual(asked.names, [['a', 'b']]);
  });

  test('stop adding when the page has grown to its limit', async () => {
    const { read } = indexOf({
      A: `${include('B')}${include('C')}`,
      B: `<p>${'b'.repeat(50)}</p>`,
      C: `<p>${'c'.repeat(50)}</p>`,
    });
    const text = await read('A', { maxIncludedCharacters: 60 });
    assert.match(text, /b{50}/);
    assert.match(text, /\[C\]\(/);
  });
});

describe('excerpts', () => {
  const B = `<p>before</p>${excerpt('one', '<p>first</p>')}${macro('note', '', excerpt('two words', '<p>second</p><ul><li>item</li></ul>'))}<p>after</p>`;

  test('are taken by name, out of the panel around them', async () => {
    const { read } = indexOf({ A: excerptInclude('B', 'two words'), B });
    assert.equal(
      await read('A'),
      'From [B](https://acme.atlassian.net/wiki/spaces/ENG/pages/b):\n\nsecond\n\n- item\n',
    );
  });

  test('without a name are the first of the page', async () => {
    const { read } = indexOf({ A: excerptInclude('B'), B });
    assert.equal(await read('A'), 'From [B](https://acme.atlassian.net/wiki/spaces/ENG/pages/b):\n\nfirst\n');
  });

  test('that the page does not have are links', async () => {
    const { read } = indexOf({ A: excerptInclude('B', 'three'), B });
    assert.equal(await read('A'), '[B](https://acme.atlassian.net/wiki/display/ENG/B)\n');
  });

  test('cannot be forged by the title or alternative text of a picture', async () => {
    const comment = '&lt;!-- excerpt --&gt;';
    const picture = `<ac:image ac:alt="${comment}" ac:title="x ${comment} \`"><ri:attachment ri:filename="a.png"/></ac:image>`;
    const { read } = indexOf({ A: excerptInclude('B'), B: `<p>${picture}</p>${excerpt('', '<p>real</p>')}` });
    assert.equal(await read('A'), 'From [B](https://acme.atlassian.net/wiki/spaces/ENG/pages/b):\n\nreal\n');
  });

  test('leave no comment behind on their own page', async () => {
    const { read } = indexOf({ B });
    assert.equal(await read('B'), 'before\n\nfirst\n\n> [!WARNING]\n>\n> second\n>\n> - item\n\nafter\n');
  });

  test('leave none behind where they begin a list item either', async () => {
    const { read } = indexOf({
      A: `<ol><li>${excerpt('', '<p>one</p><p>two</p>')}</li><li>${macro('info', '', excerpt('x', '<p>three</p>'))}</li></ol>`,
    });
    assert.equal(await read('A'), '1. one\n\n   two\n\n2. > [!NOTE]\n   >\n   > three\n');
  });
});
