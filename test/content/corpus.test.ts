import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { storageToMarkdown } from '../../shared/content/convert.ts';
import { readSource } from './source.ts';
import { structureOf, words } from './structure.ts';

const SITE = { siteUrl: 'https://acme.atlassian.net/wiki', spaceKey: 'ENG', pageId: '4711' };
const CORPORA = ['../shared/corpus', 'local/confluence/knowledge-base'];

for (const folder of CORPORA) {
  const files = existsSync(folder) ? globSync(`${folder}/**/*.xml`).sort() : [];
  describe(`bodies of ${basename(folder)}`, { skip: files.length === 0 && `${folder} is not there` }, () => {
    for (const file of files) {
      test(`${basename(file)} keeps every word, heading, item, cell and line of code`, () => checkBody(file));
    }
  });
}

function checkBody(file: string): void {
  const storage = readFileSync(file, 'utf8');
  const page = storageToMarkdown(storage, SITE);
  // One body is as an XML export has it: its CDATA sections end in `]] >`.
  const source = readSource(storage.replaceAll(']] ></ac:', ']]></ac:'));
  const result = structureOf(page.markdown);
  const shown = new Set(words(result.text));
  assert.deepEqual(
    words(source.text).filter((word) => !shown.has(word)),
    [],
    'words that are lost',
  );
  assert.deepEqual(sorted(result.code), sorted(source.code), 'code, to the byte');
  assertHeld(source.headings, result.headings, 'headings');
  assertHeld(source.listItems, result.listItems, 'list items');
  assertHeld(source.cells, result.cells, 'table cells');
  for (const { offset, level } of page.outline) {
    assert.equal(page.markdown.slice(offset, offset + level + 1), `${'#'.repeat(level)} `, 'an offset of the outline');
  }
}

/** As many as before, and each holds the words it had. Order is by content: nested items close in another order. */
function assertHeld(source: string[], result: string[], what: string): void {
  const key = (text: string) => words(text).join(' ');
  assert.equal(result.length, source.length, `number of ${what}`);
  const left = result.map(key);
  // The longest first: one that is a symbol only, without a word, takes what is left.
  for (const wanted of source.map(key).sort((a, b) => b.length - a.length)) {
    const at = left.indexOf(wanted) + 1 || left.findIndex((each) => holds(each, wanted)) + 1;
    assert.ok(at > 0, `${what}: nothing holds “${wanted}”`);
    left.splice(at - 1, 1);
  }
}

function holds(result: string, source: string): boolean {
  const has = new Set(result.split(' '));
  return words(source).every((word) => has.has(word));
}

function sorted(values: string[]): string[] {
  return [...values].sort();
}
