import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readTarget } from '../../shared/tool/targets.ts';

const SITE = 'https://acme.atlassian.net';
const page = (id: string) => ({ kind: 'id', id });

const FORMS: readonly (readonly [string, object])[] = [
  ['98347', page('98347')],
  [' 98347 ', page('98347')],
  [`${SITE}/wiki/spaces/IT/pages/98347`, page('98347')],
  [`${SITE}/wiki/spaces/IT/pages/98347/Connect+to+the+VPN`, page('98347')],
  [`${SITE}/wiki/spaces/IT/pages/98347/Error+809+(IKEv2)+100%25`, page('98347')],
  [`${SITE}/wiki/spaces/~712020ab/pages/98347/Notes?focusedCommentId=5#comment-5`, page('98347')],
  [`${SITE}/wiki/spaces/IT/pages/edit-v2/98347`, page('98347')],
  [`${SITE}/wiki/spaces/IT/pages/edit/98347?draftShareId=x`, page('98347')],
  ['/wiki/spaces/IT/pages/98347/Title', page('98347')],
  ['acme.atlassian.net/wiki/spaces/IT/pages/98347/Title', page('98347')],
  ['/spaces/IT/pages/98347/Title', page('98347')],
  [`${SITE}/wiki/pages/viewpage.action?pageId=98347`, page('98347')],
  [`${SITE}/wiki/pages/viewpageattachments.action?pageId=98347`, page('98347')],
  [`${SITE}/wiki/spaces/IT/pages/viewpage.action?pageId=98347`, page('98347')],
  [`${SITE}/wiki/pages/diffpagesbyversion.action?pageId=98347&selectedPageVersions=2`, page('98347')],
  [
    `${SITE}/wiki/pages/viewpage.action?spaceKey=IT&title=VPN+setup`,
    { kind: 'title', title: 'VPN setup', spaceKey: 'IT' },
  ],
  [`${SITE}/wiki/display/IT/VPN+setup`, { kind: 'title', title: 'VPN setup', spaceKey: 'IT' }],
  [`${SITE}/wiki/display/~712020ab/My+notes`, { kind: 'title', title: 'My notes', spaceKey: '~712020ab' }],
  [`${SITE}/wiki/display/IT/2026/05/04/Moving+day`, { kind: 'title', title: 'Moving day', spaceKey: 'IT' }],
  [`${SITE}/wiki/spaces/IT/blog/2026/05/04/98548/Moving+day`, { kind: 'blogpost', id: '98548' }],
  [`${SITE}/wiki/spaces/IT/overview`, { kind: 'space', spaceKey: 'IT' }],
  [`${SITE}/wiki/spaces/IT/overview?homepageId=98306`, page('98306')],
  [`${SITE}/wiki/spaces/IT`, { kind: 'space', spaceKey: 'IT' }],
  [`${SITE}/wiki/display/IT`, { kind: 'space', spaceKey: 'IT' }],
  [`${SITE}/wiki/plugins/servlet/mobile#content/view/98347`, page('98347')],
  [`${SITE}/wiki/api/v2/pages/98347`, page('98347')],
  [`${SITE}/wiki/rest/api/content/98347`, page('98347')],
  [
    `${SITE}/wiki/spaces/IT/pages/98347/T?preview=%2F98347%2F98404%2Fplan.pdf`,
    { ...page('98347'), attachmentId: 'att98404' },
  ],
  ['att98404', { kind: 'attachment', attachmentId: 'att98404' }],
  [
    `${SITE}/wiki/download/attachments/98347/plan%20b.pdf?version=1`,
    { kind: 'file', pageId: '98347', fileName: 'plan b.pdf' },
  ],
  ['VPN: setup / what next?', { kind: 'title', title: 'VPN: setup / what next?' }],
];

for (const [text, expected] of FORMS) {
  test(`a page can be named by ${text}`, () => assert.deepEqual(readTarget('pageId', text, SITE), expected));
}

test('a tiny link holds the page id, whatever it is', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), (id) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(id);
      const key = bytes
        .toString('base64')
        .replaceAll('/', '-')
        .replaceAll('+', '_')
        .replace(/[A=]+$/, '');
      fc.pre(key.length >= 2);
      assert.deepEqual(readTarget('pageId', `${SITE}/wiki/x/${key}`, SITE), page(String(id)));
    }),
  );
});

const ELSEWHERE = [
  'https://other.atlassian.net/wiki/spaces/IT/pages/98347',
  'https://acme.atlassian.net.evil.example/wiki/spaces/IT/pages/98347',
  'https://acme.atlassian.net@evil.example/wiki/spaces/IT/pages/98347',
  '//evil.example/wiki/spaces/IT/pages/98347',
];

for (const text of ELSEWHERE) {
  test(`${text} is refused as another host's`, () => {
    assert.throws(() => readTarget('pageId', text, SITE), { code: 'invalid_arguments', message: /another host/ });
  });
}

test('a URL that names no page says what to do', () => {
  for (const path of [
    '/wiki/l/cp/aBcDe1',
    '/wiki/search?text=vpn',
    '/wiki/admin',
    '/browse/IT-1',
    '/wiki/spaces/IT/pages/%zz',
  ]) {
    assert.throws(() => readTarget('pageId', `${SITE}${path}`, SITE), { code: 'invalid_arguments', message: /pageId/ });
  }
});

test('any text at all is either read or refused by name', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.string().map((tail) => `${SITE}/wiki/${tail}`),
      ),
      (text) => {
        try {
          assert.ok(readTarget('pageId', text, SITE).kind);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'invalid_arguments');
        }
      },
    ),
  );
});
