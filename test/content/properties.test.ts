import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { adfToMarkdown, storageToMarkdown } from '../../shared/content/convert.ts';
import { findReferences } from '../../shared/content/references.ts';
import { anyBody, anyInput } from './constructs.ts';
import { structureOf } from './structure.ts';

const SITE = { siteUrl: 'https://acme.atlassian.net/wiki', spaceKey: 'ENG', pageId: '4711' };

test('any tree of constructs has the same visible text after its Markdown is parsed again', () => {
  const property = fc.property(anyBody, ({ xml, text }) => {
    const { markdown } = storageToMarkdown(xml, SITE);
    assert.equal(withoutSpace(structureOf(markdown).text), withoutSpace(text), markdown);
  });
  fc.assert(property, { numRuns: 300 });
});

test('page text cannot forge a reference, whatever it says', () => {
  const property = fc.property(anyBody, ({ xml }) => {
    // The excerpts of the generated bodies are real; their comments are all that may be found.
    const { markdown } = storageToMarkdown(xml, SITE);
    const forged = [...findReferences(markdown)].filter(({ kind }) => kind === 'user' || kind === 'include');
    assert.deepEqual(forged, [], markdown);
  });
  fc.assert(property, { numRuns: 300 });
});

test('no body, however broken, makes the conversion throw', () => {
  const property = fc.property(anyInput, (storage) => {
    const { markdown, outline } = storageToMarkdown(storage, SITE);
    structureOf(markdown);
    for (const { offset } of outline) assert.equal(markdown[offset], '#');
  });
  fc.assert(property, { numRuns: 500 });
});

test('no parsed JSON, however odd, makes the conversion of ADF throw', () => {
  const type = fc.constantFrom(
    'doc',
    'text',
    'paragraph',
    'table',
    'tableRow',
    'tableCell',
    'heading',
    'mention',
    'date',
    'media',
    'extension',
    'taskItem',
    'emoji',
    'x',
  );
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'xsmall', maxDepth: 6 },
      fc.anything({ maxDepth: 1 }),
      fc.record(
        {
          type,
          text: fc.string(),
          attrs: fc.dictionary(fc.string(), fc.anything({ maxDepth: 1 }), { maxKeys: 3 }),
          content: fc.array(tie('node'), { maxLength: 3 }),
          marks: fc.array(tie('node'), { maxLength: 3 }),
        },
        { requiredKeys: ['type'] },
      ),
    ),
  }));
  fc.assert(
    fc.property(node, (value) => void adfToMarkdown(value, SITE)),
    { numRuns: 1_000 },
  );
});

test('the same body always gives the same Markdown and hash', () => {
  const property = fc.property(anyBody, ({ xml }) => {
    assert.deepEqual(storageToMarkdown(xml, SITE), storageToMarkdown(xml, SITE));
  });
  fc.assert(property, { numRuns: 30 });
});

/** White space is Markdown's business; these characters nobody sees. */
function withoutSpace(text: string): string {
  return text.replace(/[\s\u0085\u200B\uFEFF\u00AD]+/g, '').normalize('NFC');
}
