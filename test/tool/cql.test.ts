import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCql } from '../../local/confluence/cql/parse.ts';
import { fenceCql, quote, splitCql, wordsToCql } from '../../shared/tool/cql.ts';

test('CQL is split from its order', () => {
  assert.deepEqual(splitCql('type = page ORDER BY created desc'), {
    condition: 'type = page',
    order: 'ORDER BY created desc',
  });
  assert.deepEqual(splitCql('title ~ "order by" and (text ~ "x)")'), {
    condition: 'title ~ "order by" and (text ~ "x)")',
    order: '',
  });
  assert.deepEqual(splitCql('text ~ "a \\" order by b"'), { condition: 'text ~ "a \\" order by b"', order: '' });
});

test('control characters among words are only spaces', () => {
  assert.equal(wordsToCql('a\u0000b\nc'), wordsToCql('a b c'));
});

test('line breaks between conditions are only spaces', () => {
  assert.equal(
    splitCql('type = page\r\n\tAND text ~ "a b"\norder by created').condition,
    'type = page AND text ~ "a b"',
  );
});

test('CQL that could reach out of a fence is refused', () => {
  const bad = [
    'a) or (b',
    '(a',
    'a)',
    'title ~ "a',
    "title ~ 'a",
    'title ~ "a\u0000"',
    'title ~ "a\\"',
    'order by created',
    '  ',
    'a order by (b)',
  ];
  for (const cql of bad) assert.throws(() => splitCql(cql), { code: 'invalid_arguments' }, cql);
});

test('the fence holds the condition, the three kinds of content and the excluded spaces', () => {
  const parts = splitCql('space = A or space = B order by created');
  assert.equal(
    fenceCql(parts, {}, ['HR', 'X"Y']),
    '(space = A or space = B) AND type in (page, blogpost, attachment) AND space not in ("HR", "X\\"Y") order by created',
  );
  const filters = { type: 'page', spaceKey: 'IT', labels: ['a', 'b"'], modifiedAfter: '2026-01-01' } as const;
  assert.equal(
    fenceCql(parts, filters, []),
    '(space = A or space = B) AND type = page AND space = "IT" AND label = "a" AND label = "b\\"" AND lastmodified >= "2026-01-01" order by created',
  );
});

test('too many exclusions for a URL are left to the check of the hits', () => {
  const keys = Array.from({ length: 500 }, (_, index) => `SPACE${index}`);
  assert.equal(fenceCql(splitCql('text ~ a'), {}, keys), '(text ~ a) AND type in (page, blogpost, attachment)');
});

test('whatever is quoted stays one string', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseCql(`title = ${quote(`x${text.replace(/\p{Cc}/gu, '')}`)}`);
      assert.equal(parsed.where?.kind, 'clause');
    }),
  );
});

test('words never become operators', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (words) => {
      const cql = `${wordsOrNothing(words)} AND type = page`;
      const { where } = parseCql(cql);
      assert.equal(where?.kind, 'and');
      assert.equal(where?.kind === 'and' && where.parts.length, 2);
    }),
  );
  assert.equal(wordsToCql('NOT "a" AND (b* OR c~)'), '(title ~ "not a and b or c" OR text ~ "not a and b or c")');
});

function wordsOrNothing(words: string): string {
  try {
    return wordsToCql(words.replace(/\p{Cc}/gu, ''));
  } catch {
    return '(title ~ "x" OR text ~ "x")';
  }
}
