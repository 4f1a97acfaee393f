import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { createLogger, type LogFields } from '../../shared/platform/log.ts';
import { SecretText } from '../../shared/platform/secret-text.ts';

const root = join(import.meta.dirname, '../..');
const VALUE = 'a-very-secret-value';
const secret = new SecretText(VALUE);

function logged(fields: LogFields, level: 'debug' | 'error' = 'debug'): string {
  const lines: string[] = [];
  createLogger({ LOG_LEVEL: 'debug' }, (line) => lines.push(line))[level]('event', fields);
  return lines.join('\n');
}

test('a secret prints as [redacted] in every way that JavaScript prints', () => {
  const wrapped = { token: secret, list: [secret], map: new Map([['k', secret]]) };
  const error = new Error(`failed with ${secret}`, { cause: secret });
  const prints = [
    `${secret}`,
    String(secret),
    JSON.stringify(wrapped),
    inspect(wrapped, { depth: 9, showHidden: true, getters: true }),
    inspect(error, { depth: 9 }),
    format('%s %j %o %O', secret, secret, secret, secret),
    Object.values(secret).join(),
    JSON.stringify({ ...secret }),
  ];
  for (const print of prints) assert.doesNotMatch(print, /very-secret/);
});

test('a secret reaches its value through one function, which two files call', () => {
  assert.equal(SecretText.reveal(secret), VALUE);
  const users = readdirSync(join(root, 'shared'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => /SecretText\.reveal\(/.test(readFileSync(join(root, 'shared', file), 'utf8')))
    .sort();
  assert.deepEqual(users, ['atlassian/send.ts', 'connection/vault.ts']);
});

test('the log leaves out what is named like a secret, whatever its form', () => {
  const line = logged({
    accessToken: VALUE,
    client_secret: VALUE,
    Authorization: { scheme: 'Bearer', value: VALUE },
    password: [VALUE],
    nested: { refreshToken: VALUE, cookie: VALUE },
    completion: 'kU1x7-Wc0dAqyQJpU3nS2b4Vt9hRzEoL',
    state: 'tenant~kU1x7-Wc0dAqyQJpU3nS2b4Vt9hRzEoL',
    code: 'eyJhbGciOiJIUzI1NiJ9',
  });
  assert.doesNotMatch(line, /very-secret|kU1x7|eyJ/);
});

test('the log leaves out what looks like a secret inside a text or an error', () => {
  const error = new Error('GET https://x/callback?code=abc123&state=t~456 failed', {
    cause: new Error('Authorization: Bearer abc.def-ghi'),
  });
  const line = logged({
    text: 'sent Bearer abc.def-ghi and eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln; refresh_token=qwe&sig=rty',
    error,
  });
  assert.doesNotMatch(line, /abc|def-ghi|eyJ|456|qwe|rty/);
  assert.match(line, /GET https:/);
});

const leaks: readonly [what: string, text: string][] = [
  ['an agent key', `refused cfn_dA.YQ.0123456789abcdef.${'k'.repeat(43)}`],
  ['a connection string', 'cannot open DefaultEndpointsProtocol=https;AccountKey=a2V5a2V5;EndpointSuffix=x'],
  ['JSON that an error quotes', 'not valid: {"access_token":"opaque-1","refreshToken": "opaque-2"}'],
  ['a printed object', "{ client_secret: 'opaque-3' }"],
  ['a secret of Atlassian’s', `ATOA${'k'.repeat(30)} and ATATT3x${'k'.repeat(30)}`],
];
for (const [what, text] of leaks) {
  test(`the log leaves ${what} out of a text`, () => {
    for (const line of [logged({ text }), logged({ error: new Error(text) })]) {
      assert.doesNotMatch(line, /opaque|a2V5|kkkk/);
      assert.match(line, /\[redacted\]/);
    }
  });
}

test('the log keeps what helps: codes, states, counts, times', () => {
  const fields = {
    code: 'not_found',
    state: 'running',
    tokens: 3,
    tokenExpiresAt: '2026-06-01T00:00:00Z',
    key: 'HR',
    tenantId: 't',
    detail: 'ATTACHMENTS_PASS_INTERVAL_HOURS: is not set; the answer lacks: refresh_token, scope',
  };
  assert.partialDeepStrictEqual(JSON.parse(logged(fields)), { level: 'debug', event: 'event', ...fields });
});

test('lines below the chosen level are not written', () => {
  const lines: string[] = [];
  const log = createLogger({ LOG_LEVEL: 'warn' }, (line) => lines.push(line));
  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).event),
    ['c', 'd'],
  );
});
