import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Element, isTag } from 'domhandler';
import { byName, type Entry, macros, nameOf, parameter, readKnowledgeBase, text } from './read-site.ts';

const { people, spaces, entries } = readKnowledgeBase();

/** The one link to a page that does not exist, as every grown wiki has. */
const MISSING = 'OPS/runbook-howto.xml → OPS "Exchange failover notes from 2019"';

/** What a `ri:page` or `ri:blog-post` inside `entry` points to. */
function target(entry: Entry, reference: Element): Entry | undefined {
  const type = reference.name === 'ri:page' ? 'page' : 'blogpost';
  const key = reference.attribs['ri:space-key'] ?? entry.space.key;
  return entries.find(
    (each) =>
      each.type === type &&
      each.space.key === key &&
      each.title === reference.attribs['ri:content-title'] &&
      (each.status === 'current' || each.status === 'archived'),
  );
}

/** A problem of each `name` element in the whole site, as readable lines. */
function problems(name: string, check: (entry: Entry, element: Element) => string | undefined): string[] {
  return entries.flatMap((entry) =>
    byName(entry.tree, name).flatMap((element) => {
      const problem = check(entry, element);
      return problem ? [`${nameOf(entry)} → ${problem}`] : [];
    }),
  );
}

const unlessFound = (entry: Entry, reference: Element): string | undefined =>
  target(entry, reference)
    ? undefined
    : `${reference.attribs['ri:space-key'] ?? entry.space.key} "${reference.attribs['ri:content-title']}"`;

describe('references inside the knowledge base', () => {
  it('reach pages that exist, but for one deliberate link to a missing page', () => {
    assert.deepEqual(problems('ri:page', unlessFound), [MISSING]);
  });

  it('reach blog posts and spaces that exist', () => {
    assert.deepEqual(problems('ri:blog-post', unlessFound), []);
    const keys = new Set(spaces.map((space) => space.key));
    assert.deepEqual(
      problems('ri:space', (_, { attribs }) => (keys.has(attribs['ri:space-key'] ?? '') ? undefined : 'no such space')),
      [],
    );
  });

  it('name attachments that the page has', () => {
    const files = (entry: Entry) => entry.attachments.map((attachment) => attachment.fileName);
    const unknown = problems('ri:attachment', (entry, { attribs }) => {
      const file = attribs['ri:filename'] ?? '';
      return files(entry).includes(file) ? undefined : file;
    });
    assert.deepEqual(unknown, []);
  });

  it('mention people who exist', () => {
    const ids = new Set(people.map((person) => person.accountId));
    const unknown = problems('ri:user', (_, { attribs }) =>
      ids.has(attribs['ri:account-id'] ?? '') ? undefined : attribs['ri:account-id'],
    );
    assert.deepEqual(unknown, []);
  });

  it('jump to anchors or headings that the target has', () => {
    const anchorsOf = (entry: Entry): string[] => [
      ...macros(entry.tree, 'anchor').map((macro) => parameter(macro, '') ?? ''),
      ...['h1', 'h2', 'h3', 'h4'].flatMap((heading) => byName(entry.tree, heading).map(text)),
    ];
    const broken = problems('ac:link', (entry, link) => {
      const anchor = link.attribs['ac:anchor'];
      if (anchor === undefined) return undefined;
      const page = link.children.filter(isTag).find((child) => child.name === 'ri:page');
      const reached = page ? target(entry, page) : entry;
      return reached && anchorsOf(reached).includes(anchor) ? undefined : `#${anchor}`;
    });
    assert.deepEqual(broken, []);
  });

  it('include excerpts that the target defines under that name', () => {
    const broken = entries.flatMap((entry) =>
      macros(entry.tree, 'excerpt-include').flatMap((macro) => {
        const page = byName(macro, 'ri:page')[0];
        const source = page && target(entry, page);
        const names = source ? macros(source.tree, 'excerpt').map((excerpt) => parameter(excerpt, 'name')) : [];
        return names.includes(parameter(macro, 'name')) ? [] : [`${nameOf(entry)} → ${parameter(macro, 'name')}`];
      }),
    );
    assert.deepEqual(broken, []);
  });

  it('include whole pages in a chain of at least three, and never in a circle', () => {
    const depth = (entry: Entry, path: readonly Entry[]): number => {
      assert.ok(!path.includes(entry), `${nameOf(entry)} includes itself`);
      const next = macros(entry.tree, 'include')
        .flatMap((macro) => byName(macro, 'ri:page'))
        .flatMap((page) => target(entry, page) ?? []);
      return 1 + Math.max(0, ...next.map((each) => depth(each, [...path, entry])));
    };
    assert.ok(Math.max(...entries.map((entry) => depth(entry, []))) >= 3);
  });

  it('keep task, macro and local ids unique within a page', () => {
    const repeated = entries.flatMap((entry) => {
      const ids = [
        ...entry.body.matchAll(/ac:macro-id="([^"]+)"/g),
        ...entry.body.matchAll(/<ac:task-id>(\d+)</g),
        ...entry.body.matchAll(/ac:ref="([^"]+)"/g),
      ].map((match) => match[0]);
      const unique = new Set(ids);
      // The fallback of an ADF extension repeats its content, ids included.
      return unique.size === ids.length || entry.body.includes('<ac:adf-fallback>') ? [] : [nameOf(entry)];
    });
    assert.deepEqual(repeated, []);
  });
});
