import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { adfToMarkdown, storageToMarkdown } from '../../shared/content/convert.ts';
import { findReferences } from '../../shared/content/references.ts';
import { anyBody } from './constructs.ts';
import { structureOf, words } from './structure.ts';

const SITE = { siteUrl: 'https://acme.atlassian.net/wiki', spaceKey: 'ENG', pageId: '4711' };
const MARK = '*(page too large: only its headings, paragraphs, list items, table rows and code)*';

/** Costs more than a page may, with nothing to read. */
const BALLAST = '\n'.repeat(600_000);

const mention = (id: string) => `[@${id}](https://acme.atlassian.net/wiki/people/${id} "confluence:user")`;

const macro = (name: string, inside: string) =>
  `<ac:structured-macro ac:name="${name}">${inside}</ac:structured-macro>`;

test('a page of too many elements says so and keeps headings, paragraphs, items, rows and code in order', () => {
  const { markdown, text, excerpt, outline } = storageToMarkdown(
    `${BALLAST}<h2>One &amp; <em>only</em></h2><p>- a [b](c) &amp;lt; <strong>d_e</strong>f</p><p>1. x<br/>y</p>
     <ul><li><p>first</p><ul><li>second</li></ul></li></ul>
     <table><tr><th><p>K</p></th><td/><th><p>V</p><p>W</p></th></tr></table>
     ${macro('code', '<ac:parameter ac:name="title">t</ac:parameter><ac:parameter ac:name="language">js</ac:parameter><ac:plain-text-body>\n<![CDATA[a\n\n ``` b]]>\n</ac:plain-text-body>')}
     <p>is${macro('status', '<ac:parameter ac:name="title">DONE</ac:parameter>')}now</p><script>alert(1)</script>`,
    SITE,
  );
  const blocks = [
    MARK,
    '## One & only',
    '\\- a \\[b\\](c) \\&lt; d\\_ef',
    '1\\. x',
    'y',
    '- first',
    '- second',
    'K | V W',
    't',
    '````\na\n\n ``` b\n````',
    'is DONE now',
  ];
  assert.equal(markdown, `${blocks.join('\n\n')}\n`);
  assert.equal(text, 'One & only\n- a [b](c) &lt; d_ef\n1. x\ny\nfirst\nsecond\nK V W\nt\na\n\n ``` b\nis DONE now');
  assert.equal(excerpt, '- a [b](c) &lt; d_ef 1. x y first second K V W t is DONE now');
  assert.deepEqual(outline, [
    { level: 2, text: 'One & only', anchor: 'one--only', offset: MARK.length + 2, textOffset: 0 },
  ]);
});

test('people stay references there; what links, pictures, dates and emoticons say stays as words', () => {
  const { markdown, text, references } = storageToMarkdown(
    `${BALLAST}<p>see <ac:link><ri:user ri:account-id="a_1"/></ac:link>, <ac:link><ri:page ri:content-title="A page"/></ac:link>
     and <ac:link><ri:page ri:content-title="B"/><ac:link-body>its body</ac:link-body></ac:link> on <time datetime="2026-11-23"/>
     <ac:emoticon ac:name="tick"/><ac:image ac:alt="alt"><ri:attachment ri:filename="a.png"/></ac:image></p>`,
    SITE,
  );
  const person = mention('a_1').replace('a_1', 'a\\_1');
  assert.equal(markdown, `${MARK}\n\nsee ${person}, A page and its body on 2026-11-23 ✅alt\n`);
  assert.equal(text, 'see , A page and its body on 2026-11-23 ✅alt');
  assert.deepEqual(references.accountIds, ['a_1']);
  assert.deepEqual(
    [...findReferences(markdown)].map((each) => each.kind === 'user' && each.accountId),
    ['a_1'],
  );
});

test('an empty heading or item leaves no sign before the paragraph after it', () => {
  const storage = `${BALLAST}<h2> </h2><p>a</p><ul><li><p/></li></ul><p>b</p>`;
  assert.equal(storageToMarkdown(storage, SITE).markdown, `${MARK}\n\na\n\nb\n`);
});

test('the outline ends at 5,000 headings; later ones are paragraphs', () => {
  const { markdown, outline } = storageToMarkdown(`${BALLAST}${'<h3>x</h3>'.repeat(5_001)}`, SITE);
  assert.equal(outline.length, 5_000);
  for (const { offset } of outline) assert.equal(markdown.slice(offset, offset + 5), '### x');
  assert.ok(markdown.endsWith('\n\n### x\n\nx\n'));
});

test('what an extension says twice is kept once, and its fallback where there is nothing else', () => {
  const extension = (node: string) =>
    `<ac:adf-extension><ac:adf-node type="x"><ac:adf-attribute key="k">no</ac:adf-attribute>${node}</ac:adf-node><ac:adf-fallback><p>fallback</p></ac:adf-fallback></ac:adf-extension>`;
  const { text } = storageToMarkdown(
    `${BALLAST}${extension('<ac:adf-content>node</ac:adf-content>')}${extension('')}`,
    SITE,
  );
  assert.equal(text, 'node\nfallback');
});

test('a document of too many nodes reads like its storage format', () => {
  const paragraph = (text: string) => ({ type: 'paragraph', content: [{ type: 'text', text }] });
  const cell = (text: string) => ({ type: 'tableCell', content: [paragraph(text)] });
  const { markdown } = adfToMarkdown(
    {
      type: 'doc',
      content: [
        ...Array.from({ length: 150_001 }, () => ({ type: 'paragraph' })),
        { type: 'heading', attrs: { level: 2 }, content: [{ type: 'text', text: 'Head' }] },
        { type: 'heading', attrs: { level: 1 } },
        paragraph('plain'),
        { type: 'bulletList', content: [{ type: 'listItem', content: [paragraph('one'), paragraph('two')] }] },
        { type: 'table', content: [{ type: 'tableRow', content: [cell('a'), cell('b')] }] },
        { type: 'codeBlock', content: [{ type: 'text', text: ' x\n  y\n' }] },
        { type: 'paragraph', content: [{ type: 'mention', attrs: { id: 'a', text: '@Ann' } }] },
        paragraph('end'),
      ],
    },
    SITE,
  );
  const blocks = [MARK, '## Head', 'plain', '- one', 'two', 'a | b', '```\n x\n  y\n\n```', mention('a'), 'end'];
  assert.equal(markdown, `${blocks.join('\n\n')}\n`);
});

test('any tree of constructs keeps its words, in order, and cannot forge a reference', () => {
  const property = fc.property(anyBody, ({ xml, text }) => {
    // What follows an address without a space reads as a part of it.
    fc.pre(!/:\/\/|www\./i.test(text.replaceAll('https://e.x/y', '')));
    const { markdown } = storageToMarkdown(`${BALLAST}${xml}`, SITE);
    const shown = words(structureOf(markdown).text.slice(MARK.length - '**'.length)).join('');
    // A link without words is shown by its address, which is not kept.
    const wanted = words(text.replaceAll('https://e.x/y', '')).join('');
    assert.equal(shown, wanted, markdown);
    assert.deepEqual([...findReferences(markdown)], []);
  });
  fc.assert(property, { numRuns: 30 });
});
