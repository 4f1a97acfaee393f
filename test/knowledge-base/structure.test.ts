import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Entry, nameOf, readKnowledgeBase } from './read-site.ts';
import { xmlFault } from './strict-xml.ts';

const { people, spaces, entries, bodyFiles, topLevel } = readKnowledgeBase();

const pages = (match: (entry: Entry) => boolean): number =>
  entries.filter((entry) => entry.type === 'page' && match(entry)).length;

describe('the knowledge base on disk', () => {
  it('has a body for every index entry and an index entry for every body', () => {
    assert.deepEqual(bodyFiles.toSorted(), entries.map(nameOf).toSorted());
    assert.deepEqual(topLevel.toSorted(), ['site.json', ...spaces.map((space) => space.key)].toSorted());
  });

  it('has well-formed bodies that are not empty', () => {
    const faults = entries.flatMap((entry) => {
      const fault = entry.body.trim() === '' ? 'is empty' : xmlFault(entry.body);
      return fault ? [`${nameOf(entry)}: ${fault}`] : [];
    });
    assert.deepEqual(faults, []);
  });

  it('has unique slugs, and titles unique within a space as Confluence demands', () => {
    for (const kind of ['slug', 'title'] as const) {
      const seen = entries
        .filter((entry) => kind === 'slug' || entry.type === 'page')
        .map((entry) => `${entry.space.key} ${entry[kind]}`);
      assert.deepEqual(
        seen.filter((name, position) => seen.indexOf(name) !== position),
        [],
      );
    }
  });

  it('names parents that exist, live in the same space and are not gone', () => {
    for (const entry of entries.filter((each) => each.parent !== undefined)) {
      const parent = entries.find((each) => each.space === entry.space && each.slug === entry.parent);
      assert.equal(parent?.status, 'current', `${nameOf(entry)} → ${entry.parent}`);
      assert.equal(parent?.type, 'page', `${nameOf(entry)} → ${entry.parent}`);
    }
  });

  it('has authors from the list of people, and every one of them wrote something', () => {
    const authors = new Set(entries.map((entry) => entry.author));
    const ids = new Set(people.map((person) => person.accountId));
    assert.deepEqual(
      [...authors].filter((id) => !ids.has(id)),
      [],
    );
    assert.equal(ids.size, people.length);
    assert.deepEqual(
      [...ids].filter((id) => !authors.has(id)),
      [],
    );
  });

  it('was never modified before it was created', () => {
    const wrong = entries.filter((entry) => entry.modifiedDaysAgo > entry.createdDaysAgo);
    assert.deepEqual(wrong.map(nameOf), []);
  });
});

describe('what the knowledge base holds', () => {
  const current = (entry: Entry): boolean => entry.status === 'current' && entry.space.status === 'current';

  it('has at least 70 current pages, spread over spaces of every kind that sync meets', () => {
    assert.ok(pages(current) >= 70);
    const least = { knowledge_base: 30, global: 32, collaboration: 8, personal: 2, onboarding: 1 };
    for (const [type, count] of Object.entries(least)) {
      assert.ok(pages((entry) => current(entry) && entry.space.type === type) >= count, `${type} needs ${count} pages`);
    }
    assert.ok(pages((entry) => entry.space.status === 'archived') >= 2);
  });

  it('has archived, trashed and draft pages, blog posts and restricted pages', () => {
    const live = entries.filter((entry) => entry.space.status === 'current');
    const count = (match: (entry: Entry) => boolean): number => live.filter(match).length;
    assert.equal(
      count((entry) => entry.status === 'archived'),
      3,
    );
    assert.equal(
      count((entry) => entry.status === 'trashed'),
      2,
    );
    assert.equal(
      count((entry) => entry.status === 'draft'),
      1,
    );
    assert.equal(
      count((entry) => entry.type === 'blogpost'),
      3,
    );
    assert.equal(
      count((entry) => entry.restricted === true),
      2,
    );
  });

  it('has pages four levels deep', () => {
    const depth = (entry: Entry): number => {
      const parent = entries.find((each) => each.space === entry.space && each.slug === entry.parent);
      return parent ? depth(parent) + 1 : 1;
    };
    assert.equal(Math.max(...entries.map(depth)), 4);
  });

  it('has one title in two spaces, and a title with quotes, an ampersand and letters beyond ASCII', () => {
    const spacesOf = (title: string) => entries.filter((entry) => entry.title === title).map(({ space }) => space.key);
    assert.deepEqual(spacesOf('New starter checklist'), ['IT', 'HR']);
    assert.ok(entries.some(({ title }) => /"/.test(title) && /&/.test(title) && /[^\p{ASCII}]/u.test(title)));
  });

  it('has one very long page, and pages from half a screen to several screens', () => {
    const sizes = entries.map((entry) => Buffer.byteLength(entry.body)).toSorted((a, b) => a - b);
    const longest = sizes.at(-1) ?? 0;
    assert.ok(longest > 60_000 && longest < 90_000, `the longest page has ${longest} bytes`);
    assert.ok(sizes.filter((size) => size < 2_500).length >= 10);
    assert.ok(sizes.filter((size) => size > 6_000).length >= 15);
  });

  it('labels almost everything that is synced, with labels that are used more than once', () => {
    const synced = entries.filter((entry) => current(entry) && entry.type === 'page');
    const uses = new Map<string, number>();
    for (const label of synced.flatMap((entry) => entry.labels)) uses.set(label, (uses.get(label) ?? 0) + 1);
    assert.deepEqual(
      [...uses].filter(([, count]) => count < 2),
      [],
    );
    assert.ok(uses.size >= 25 && uses.size <= 45, `${uses.size} labels`);
  });
});
