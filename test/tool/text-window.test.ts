import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { withoutMentionNames } from '../../shared/tool/adf-names.ts';
import { plainText } from '../../shared/tool/plain-text.ts';
import { clip, textWindow } from '../../shared/tool/text-window.ts';

test('going on with nextOffset gives the whole text, once, in pieces that are no longer than asked', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.integer({ min: 2, max: 50 }), (text, maxChars) => {
      let read = '';
      for (let offset: number | undefined = 0; offset !== undefined; ) {
        const window = textWindow(text, offset, maxChars);
        assert.ok(window.text.length <= maxChars);
        assert.ok(window.text.isWellFormed() || !text.isWellFormed());
        assert.equal(window.totalChars, text.length);
        read += window.text;
        offset = window.nextOffset;
      }
      assert.equal(read, text);
    }),
  );
});

test('a piece rather ends with a line', () => {
  const text = `${'a'.repeat(95)}\n${'b'.repeat(95)}`;
  assert.equal(textWindow(text, 0, 100).text, `${'a'.repeat(95)}\n`);
  assert.deepEqual(textWindow('abc', 7, 100), { text: '', offset: 3, totalChars: 3 });
});

test('a line is clipped at a whole character', () => {
  assert.equal(clip('short', 10), 'short');
  assert.equal(clip('a😀b', 3), 'a…');
  assert.equal(clip('abcdef', 4), 'abc…');
});

test('excerpts lose markers and entities and keep what people wrote', () => {
  assert.equal(
    plainText('@@@hl@@@VPN@@@endhl@@@ &amp; List&lt;String&gt;\n\n &#39;x&#x27; &nbsp;&unknown;'),
    "VPN & List<String> 'x' &unknown;",
  );
  assert.equal(plainText('List<String> a < b'), 'List<String> a < b');
});

test('mentions in ADF lose their names and keep their accounts', () => {
  const adf = {
    type: 'doc',
    content: [
      { type: 'mention', attrs: { id: 'a1', text: '@Jane Doe' } },
      { type: 'text', text: 'hi' },
    ],
  };
  assert.deepEqual(JSON.parse(withoutMentionNames(JSON.stringify(adf))), {
    type: 'doc',
    content: [
      { type: 'mention', attrs: { id: 'a1' } },
      { type: 'text', text: 'hi' },
    ],
  });
  assert.equal(withoutMentionNames('not JSON with @Jane Doe'), '');
});
