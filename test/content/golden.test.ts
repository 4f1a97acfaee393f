import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { adfToMarkdown, storageToMarkdown } from '../../shared/content/convert.ts';

/**
 * One file per construct: `<construct>.xml` in storage format, `<construct>.json` in the Atlassian Document Format where
 * the editor has both, and the one `<construct>.md` that both must give. `UPDATE_GOLDEN=1 node --test …` writes the
 * Markdown anew; the diff is then for a person to judge.
 */
const SITE = { siteUrl: 'https://acme.atlassian.net/wiki', spaceKey: 'ENG', pageId: '4711' };
const folder = import.meta.dirname;

describe('storage format', () => {
  for (const file of globSync(`${folder}/*.xml`).sort()) {
    test(`${basename(file, '.xml')} reads as its golden file`, () => {
      const golden = file.replace(/xml$/, 'md');
      const { markdown } = storageToMarkdown(readFileSync(file, 'utf8'), SITE);
      if (process.env.UPDATE_GOLDEN) writeFileSync(golden, markdown);
      assert.equal(markdown, readFileSync(golden, 'utf8'));
    });
  }
});

describe('Atlassian Document Format', () => {
  for (const file of globSync(`${folder}/*.json`).sort()) {
    test(`${basename(file, '.json')} reads like its storage format`, () => {
      const golden = file.replace(/json$/, 'md');
      const { markdown } = adfToMarkdown(JSON.parse(readFileSync(file, 'utf8')), SITE);
      if (process.env.UPDATE_GOLDEN && !existsSync(file.replace(/json$/, 'xml'))) writeFileSync(golden, markdown);
      assert.equal(markdown, readFileSync(golden, 'utf8'));
    });
  }
});
