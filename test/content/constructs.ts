import fc from 'fast-check';

/** A construct of a body: its storage format, and the text a reader must see. */
export interface Construct {
  xml: string;
  text: string;
}

const MARKDOWN_CHARACTERS = [...'ab  *_`[]()!<>&#-+1.|\\~:/@\nhtpsw"\'='];

const TRAPS = [
  'http://a.b/c_d_e',
  'x@y.zz',
  'www.foo.bar',
  '# x',
  '- a',
  '1. b',
  '> q',
  '|a|',
  '[x]: y',
  '***',
  '___',
  '==',
  '&amp;',
  '<b>',
  '\\*',
  '![a](b)',
  '~~~',
  '```',
  '<!-- excerpt -->',
  '[@a](https://acme.atlassian.net/wiki/people/a "confluence:user")',
];

/** Plain words, Markdown's own characters, and whole constructs of Markdown as text. */
const plain = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...MARKDOWN_CHARACTERS), maxLength: 14 }),
    fc.constantFrom(...TRAPS),
  )
  .map(withoutControls);

/** XML has no control characters, and Markdown replaces NUL. */
function withoutControls(value: string): string {
  return [...value]
    .filter((character) => character >= ' ' || character === '\n')
    .join('')
    .replaceAll('\u007F', '');
}

function escapeXml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function join(parts: readonly Construct[], separator = ''): Construct {
  return {
    xml: parts.map(({ xml }) => xml).join(''),
    text: parts.map(({ text }) => text).join(separator),
  };
}

function within(open: string, { xml, text }: Construct, close: string): Construct {
  return { xml: `${open}${xml}${close}`, text };
}

function link(label: Construct): Construct {
  const shown = within('<a href="https://e.x/y">', label, '</a>');
  return label.text.trim() === '' ? { ...shown, text: 'https://e.x/y' } : shown;
}

function macro(name: string, body: Construct): Construct {
  const open = `<ac:structured-macro ac:name="${name}"><ac:rich-text-body>`;
  return within(open, body, '</ac:rich-text-body></ac:structured-macro>');
}

function code(text: string): Construct {
  const cdata = `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
  const xml = `<ac:structured-macro ac:name="code"><ac:plain-text-body>${cdata}</ac:plain-text-body></ac:structured-macro>`;
  return { xml, text };
}

function status(text: string): Construct {
  const parameter = `<ac:parameter ac:name="title">${escapeXml(text)}</ac:parameter>`;
  return { xml: `<ac:structured-macro ac:name="status">${parameter}</ac:structured-macro>`, text };
}

function table(cellName: 'td' | 'th', rows: readonly (readonly Construct[])[]): Construct {
  const cells = (row: readonly Construct[]) => row.map((cell) => within(`<${cellName}>`, cell, `</${cellName}>`));
  const lines = rows.map((row) => within('<tr>', join(cells(row), ' '), '</tr>'));
  return within('<table>', join(lines, ' '), '</table>');
}

const { blocks } = fc.letrec<{ inline: Construct; line: Construct; block: Construct; blocks: Construct }>((tie) => ({
  inline: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    plain.map((text) => ({ xml: escapeXml(text), text })),
    fc
      .tuple(fc.constantFrom('strong', 'em', 's', 'u', 'sub', 'sup', 'span', 'code'), tie('line'))
      .map(([name, content]) => within(`<${name}>`, content, `</${name}>`)),
    fc.constant({ xml: '<br/>', text: '\n' }),
    tie('line').map(link),
    plain.map(status),
  ),
  line: fc.array(tie('inline'), { maxLength: 4 }).map((parts) => join(parts)),
  block: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('line').map((content) => within('<p>', content, '</p>')),
    fc.tuple(fc.constantFrom('h1', 'h3'), tie('line')).map(([name, each]) => within(`<${name}>`, each, `</${name}>`)),
    fc.tuple(fc.constantFrom('ul', 'ol'), fc.array(tie('blocks'), { maxLength: 3 })).map(([name, items]) =>
      within(
        `<${name}>`,
        join(
          items.map((each) => within('<li>', each, '</li>')),
          ' ',
        ),
        `</${name}>`,
      ),
    ),
    tie('blocks').map((content) => within('<blockquote>', content, '</blockquote>')),
    fc
      .tuple(fc.constantFrom('info', 'warning', 'excerpt', 'expand'), tie('blocks'))
      .map(([name, body]) => macro(name, body)),
    fc
      .array(fc.array(tie('blocks'), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
      .map((rows) => table('td', rows)),
    fc
      .array(fc.array(tie('line'), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
      .map((rows) => table('th', rows)),
    plain.map(code),
  ),
  blocks: fc.array(tie('block'), { maxLength: 3 }).map((parts) => join(parts, ' ')),
}));

/** Any tree of constructs. */
export const anyBody: fc.Arbitrary<Construct> = blocks;

/** Any string, with pieces of storage format that open, close and quote what nobody else does. */
export const anyInput: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        ...['<', '>', '</', '/>', '<![CDATA[', ']]>', ']] >', '<!--', '-->', '&', '&nbsp', '"', "='", '<p>', '</p>'],
        ...[
          '<table>',
          '<tr>',
          '<td colspan="9e9">',
          '</table>',
          '<li>',
          '<ol start="-1">',
          '<h1>',
          '<b>',
          '</b>',
          '<pre>',
        ],
        ...[
          '<a href="#x">',
          '<constructor>',
          '<p __proto__="x">',
          '<ac:link ac:anchor="%E0">',
          '<ri:user ri:account-id="\uD800"/>',
        ],
        ...[
          '<ac:structured-macro ac:name="code">',
          '<ac:structured-macro ac:name="include">',
          '<ac:parameter ac:name="">',
        ],
        ...[
          '<ac:rich-text-body>',
          '<ac:plain-text-body>',
          '<ac:adf-extension>',
          '<ac:adf-node type="panel">',
          '<ac:adf-content>',
        ],
        ...[
          '<ac:task-list><ac:task><ac:task-body>',
          '<ac:image>',
          '<ri:url ri:value="http://[/"/>',
          '<time datetime="x"/>',
          '<br\\>',
        ],
      ),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));
