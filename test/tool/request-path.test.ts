import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRequest } from '../../shared/tool/request-path.ts';

const REFUSALS: readonly (readonly [string, RegExp])[] = [
  ['https://acme.atlassian.net/wiki/api/v2/pages', /absolute URLs/],
  ['//evil.example/wiki', /absolute URLs/],
  ['/ex/confluence/1/wiki/api/v2/pages', /a cloud id/],
  ['/wiki/api/v2/pages%2f1', /percent-encoded/],
  ['/wiki/api/v2/pages%252f1', /percent-encoded/],
  ['/wiki\\api', /backslashes/],
  ['/wiki/api/v2/../x', /dot segments/],
  ['/wiki/api/v2/.', /dot segments/],
  ['/wiki//api', /empty segments/],
  ['/wiki/api/v2/pages\r\nX: 1', /control characters/],
  ['/wiki/api/v2/pages 1', /white space/],
  ['/wiki/api/v2/pages#1', /the characters/],
  ['/wiki/api/v2/pages?a=1?b=2', /second question mark/],
  ['/wiki/api/v2/pages?a=1&a=2', /"a" is given twice/],
  ['/wiki/api/v2/pages?a=%0d%0ab', /control characters/],
];

for (const [path, reason] of REFUSALS) {
  test(`${JSON.stringify(path)} is refused by name`, () => {
    assert.throws(() => readRequest('GET', path, {}), { code: 'not_allowed', message: reason });
  });
}

test('another method is refused by its name, and a strange one cannot write into the error', () => {
  assert.throws(() => readRequest('DELETE', '/wiki', {}), { message: /DELETE is refused/ });
  assert.throws(() => readRequest('A\r\nB<i>', '/wiki', {}), { message: /A\?\?B\?i\? is refused/ });
});

test('a query pasted behind the path counts as the query', () => {
  assert.deepEqual(
    readRequest('GET', '/wiki/api/v2/pages?limit=5&title=a%20b', { status: 'current', id: [1, '2'], x: true }),
    {
      path: '/wiki/api/v2/pages',
      query: { limit: '5', title: 'a b', status: 'current', id: '1,2', x: 'true' },
    },
  );
});
