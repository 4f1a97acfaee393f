import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

/**
 * Bodies of 20 MB, the most that an answer may have, made of what costs most; each is converted by a process of its own
 * whose heap ends it when the conversion needs more than a small function app has.
 */
const HEAP_MB = 160;
const CONVERT = import.meta.resolve('../../shared/content/convert.ts');

const UNITS = {
  'table cells': '<tr><td>a</td><td>b</td></tr>',
  'addresses in one line': 'a@b.cd ',
  'a sign that begins a tag': '<',
};

for (const [name, unit] of Object.entries(UNITS)) {
  test(`20 MB of ${name} convert in a heap of ${HEAP_MB} MB`, () => {
    const script = `
      const { storageToMarkdown } = await import(${JSON.stringify(CONVERT)});
      const unit = ${JSON.stringify(unit)};
      const body = unit.repeat(Math.floor(20_000_000 / unit.length)) + '<p>last words</p>';
      const page = storageToMarkdown(body, { siteUrl: 'https://acme.atlassian.net/wiki', spaceKey: 'ENG', pageId: '1' });
      console.log(page.text.endsWith('last words'), page.markdown.endsWith('last words\\n'));`;
    const child = spawnSync(
      process.execPath,
      [`--max-old-space-size=${HEAP_MB}`, '--input-type=module', '--eval', script],
      { encoding: 'utf8' },
    );
    assert.equal(child.stdout, 'true true\n', child.stderr);
  });
}
