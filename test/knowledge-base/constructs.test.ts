import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Element, isTag } from 'domhandler';
import { byName, elements, macros, nameOf, parameter, readKnowledgeBase } from './read-site.ts';

const { entries } = readKnowledgeBase();
const current = entries.filter((entry) => entry.status === 'current' && entry.space.status === 'current');

const pagesWith = (name: string, match: (element: Element) => boolean = () => true): number =>
  current.filter((entry) => byName(entry.tree, name).some(match)).length;

const pagesWithMacro = (name: string): number => current.filter((entry) => macros(entry.tree, name).length > 0).length;

const pagesWithText = (pattern: RegExp): number => current.filter((entry) => pattern.test(entry.body)).length;

const has = (attribute: string) => (element: Element) => attribute in element.attribs;
const inside = (parent: string) => (element: Element) => {
  for (let up = element.parent; up; up = up.parent) if ('name' in up && up.name === parent) return true;
  return false;
};
const childNames = (element: Element): string[] => element.children.filter(isTag).map((child) => child.name);

describe('storage format constructs in current pages', () => {
  it('cover every macro that the editor offers and an IT team uses', () => {
    const least: Record<string, number> = {
      ...{ code: 20, noformat: 2, info: 3, note: 3, warning: 5, tip: 3, panel: 2, expand: 2, status: 10, toc: 5 },
      ...{ children: 8, jira: 4, include: 3, excerpt: 5, 'excerpt-include': 4, details: 8, 'view-file': 2, anchor: 3 },
      ...{ attachments: 1, section: 1, column: 1, 'blog-posts': 1, detailssummary: 1 },
    };
    for (const [name, count] of Object.entries(least)) {
      assert.ok(pagesWithMacro(name) >= count, `${name}: ${pagesWithMacro(name)} pages, ${count} wanted`);
    }
  });

  it('cover macros of other vendors, which no converter knows', () => {
    for (const name of ['drawio', 'roadmap', 'jira-actions-widget']) assert.equal(pagesWithMacro(name), 1, name);
  });

  it('cover code in many languages, with titles, and one block whose CDATA is split', () => {
    const blocks = current.flatMap((entry) => macros(entry.tree, 'code'));
    const languages = new Set(blocks.map((block) => parameter(block, 'language')));
    for (const language of ['powershell', 'bash', 'yaml', 'sql', 'xml']) assert.ok(languages.has(language), language);
    assert.ok(blocks.filter((block) => parameter(block, 'title') !== undefined).length >= 15);
    assert.ok(pagesWithText(/\]\]\]\]><!\[CDATA\[>/) >= 1);
  });

  it('cover tables with header rows, header columns, merged cells, colours and lists in cells', () => {
    assert.ok(pagesWith('table') >= 40);
    assert.ok(pagesWith('tr', (row) => childNames(row).every((name) => name === 'th')) >= 30);
    assert.ok(pagesWith('tr', (row) => childNames(row)[0] === 'th' && childNames(row).includes('td')) >= 10);
    assert.ok(pagesWith('td', has('colspan')) >= 2);
    assert.ok(pagesWith('th', has('rowspan')) >= 1);
    assert.ok(pagesWith('th', has('data-highlight-colour')) >= 2);
    assert.ok(pagesWith('ul', inside('td')) >= 2);
    assert.ok(pagesWith('ol', inside('td')) >= 1);
  });

  it('cover nested lists, code inside list items, and tasks both done and open', () => {
    assert.ok(pagesWith('ul', inside('li')) >= 1);
    assert.ok(pagesWith('ac:structured-macro', inside('li')) >= 4);
    assert.ok(pagesWithText(/<ac:task-status>complete</) >= 4);
    assert.ok(pagesWithText(/<ac:task-status>incomplete</) >= 6);
  });

  it('cover links of every kind', () => {
    assert.ok(pagesWith('ri:page', (page) => has('ri:space-key')(page)) >= 20);
    assert.ok(pagesWith('ri:page', (page) => !has('ri:space-key')(page)) >= 20);
    assert.ok(pagesWith('ac:link', has('ac:anchor')) >= 5);
    assert.ok(pagesWith('ri:blog-post') >= 2);
    assert.ok(pagesWith('ri:attachment', inside('ac:link')) >= 2);
    assert.ok(pagesWith('ri:user') >= 15);
    assert.ok(pagesWith('a', has('href')) >= 8);
    for (const card of ['inline', 'block']) {
      assert.ok(pagesWith('a', (link) => link.attribs['data-card-appearance'] === card) >= 1, card);
    }
  });

  it('cover images from attachments and from an address, with alt text and caption', () => {
    assert.ok(pagesWith('ri:attachment', inside('ac:image')) >= 3);
    assert.ok(pagesWith('ri:url', inside('ac:image')) >= 1);
    assert.ok(pagesWith('ac:image', has('ac:alt')) >= 4);
    assert.ok(pagesWith('ac:caption') >= 2);
  });

  it('cover layouts, extensions with a fallback, and the small inline elements', () => {
    assert.ok(pagesWith('ac:layout') >= 5);
    assert.ok(pagesWith('ac:layout-section', (section) => section.attribs['ac:type'] === 'two_equal') >= 2);
    for (const type of ['decision-list', 'panel']) {
      assert.ok(pagesWith('ac:adf-node', (node) => node.attribs.type === type) >= 2, type);
    }
    assert.ok(pagesWith('ac:adf-fallback') >= 4);
    assert.ok(pagesWith('time', has('datetime')) >= 15);
    assert.ok(pagesWith('ac:emoticon') >= 3);
    for (const name of ['ac:inline-comment-marker', 'ac:placeholder', 'blockquote', 'span', 'em', 'strong']) {
      assert.ok(pagesWith(name) >= 1, name);
    }
  });

  it('cover both editors: ids on every block in the new one, none in the old one', () => {
    const old = entries.filter((entry) => entry.editor === 'v1');
    assert.ok(old.length >= 3);
    assert.deepEqual(old.filter((entry) => /local-id=/.test(entry.body)).map(nameOf), []);
    assert.ok(pagesWithText(/<p local-id="[0-9a-f]{12}"/) >= 60);
  });

  it('has a page that is hardly more than includes', () => {
    const page = entries.find((entry) => entry.slug === 'quick-answers');
    const own = page?.tree.children.filter(isTag).filter((element) => element.name !== 'h2') ?? [];
    assert.ok(own.length >= 4);
    assert.ok(own.every((element) => /^(excerpt-)?include$/.test(element.attribs['ac:name'] ?? '')));
  });

  it('writes no element that Confluence does not', () => {
    const known =
      /^(ac:[a-z-]+|ri:(page|blog-post|space|user|attachment|url)|p|h[1-4]|ul|ol|li|table|colgroup|col|tbody|tr|th|td|a|hr|br|time|code|strong|em|del|u|span|blockquote|div)$/;
    const strange = entries.flatMap((entry) =>
      elements(entry.tree)
        .filter((element) => !known.test(element.name))
        .map((element) => `${nameOf(entry)}: ${element.name}`),
    );
    assert.deepEqual(strange, []);
  });
});
