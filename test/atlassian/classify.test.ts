import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, readThrottle, type Surface } from '../../shared/atlassian/classify.ts';
import type { AtlassianErrorKind } from '../../shared/atlassian/errors.ts';

const now = new Date('2026-06-01T12:20:00.000Z');

interface Case {
  readonly what: string;
  readonly surface: Surface;
  readonly status: number;
  readonly text?: string;
  readonly headers?: Record<string, string>;
  readonly kind: AtlassianErrorKind;
}

const v2 = (status: number, code: string, title: string) =>
  JSON.stringify({ errors: [{ status, code, title, detail: null }] });
const v1 = (statusCode: number, message: string) => JSON.stringify({ statusCode, data: {}, message });
const gateway = (code: number, message: string) => JSON.stringify({ code, message });
const oauth = (error: string, description: string) => JSON.stringify({ error, error_description: description });

const html = '<!doctype html><title>Service unavailable</title>';
const xml = '<?xml version="1.0"?><status><status-code>404</status-code><message>null</message></status>';

const cases: readonly Case[] = [
  // The token end point.
  {
    what: 'a bad refresh token, as documented',
    surface: 'token_endpoint',
    status: 403,
    text: oauth('invalid_grant', 'Unknown or invalid refresh token.'),
    kind: 'grant_rejected',
  },
  {
    what: 'a bad refresh token, as measured',
    surface: 'token_endpoint',
    status: 403,
    text: oauth('unauthorized_client', 'refresh_token is invalid'),
    kind: 'grant_rejected',
  },
  {
    what: 'our own wrong client secret',
    surface: 'token_endpoint',
    status: 401,
    text: oauth('access_denied', 'Unauthorized'),
    kind: 'client_secret_invalid',
  },
  {
    what: 'a used code',
    surface: 'token_endpoint',
    status: 400,
    text: oauth('invalid_request', 'Invalid authorization code'),
    kind: 'bad_request',
  },
  {
    what: 'a used code, older',
    surface: 'token_endpoint',
    status: 403,
    text: oauth('invalid_grant', 'x'),
    kind: 'grant_rejected',
  },
  { what: 'a firewall’s 403', surface: 'token_endpoint', status: 403, text: html, kind: 'malformed' },
  { what: 'an empty 403', surface: 'token_endpoint', status: 403, kind: 'malformed' },
  { what: 'throttling', surface: 'token_endpoint', status: 429, kind: 'throttled' },
  { what: 'an outage', surface: 'token_endpoint', status: 503, text: html, kind: 'outage' },
  {
    what: 'a failing proxy that repeats an error word',
    surface: 'token_endpoint',
    status: 502,
    text: oauth('invalid_grant', ''),
    kind: 'outage',
  },
  // The gateway and the API behind it.
  {
    what: 'an expired or revoked token',
    surface: 'api',
    status: 401,
    text: gateway(401, 'Unauthorized'),
    kind: 'token_rejected',
  },
  { what: 'an empty 401', surface: 'api', status: 401, kind: 'token_rejected' },
  {
    what: 'a missing scope',
    surface: 'api',
    status: 401,
    text: gateway(401, 'Unauthorized; scope does not match'),
    kind: 'scope_missing',
  },
  {
    what: 'lost product access',
    surface: 'api',
    status: 403,
    text: v1(
      403,
      'com.atlassian.confluence.api.service.exceptions.PermissionException: Current user not permitted to use Confluence',
    ),
    kind: 'access_lost',
  },
  { what: 'another 403', surface: 'api', status: 403, text: v2(403, 'FORBIDDEN', 'Forbidden'), kind: 'forbidden' },
  {
    what: 'a space from which an administrator keeps apps out',
    surface: 'api',
    status: 403,
    headers: { 'atlassian-datasecuritypolicy': 'app_access_blocked' },
    text: v1(403, 'Current user not permitted to use Confluence'),
    kind: 'app_blocked',
  },
  {
    what: 'the same as a 404',
    surface: 'api',
    status: 404,
    headers: { 'atlassian-datasecuritypolicy': 'app_access_blocked' },
    kind: 'app_blocked',
  },
  { what: 'not found in v2', surface: 'api', status: 404, text: v2(404, 'NOT_FOUND', 'Not Found'), kind: 'not_found' },
  { what: 'not found in XML', surface: 'api', status: 404, text: xml, kind: 'not_found' },
  { what: 'a dead end point', surface: 'api', status: 410, text: v1(410, 'Gone'), kind: 'gone' },
  { what: 'throttling', surface: 'api', status: 429, text: html, kind: 'throttled' },
  {
    what: 'a request that Confluence refuses',
    surface: 'api',
    status: 400,
    text: v1(400, 'Could not parse cql'),
    kind: 'bad_request',
  },
  { what: 'too large', surface: 'api', status: 413, kind: 'too_large' },
  { what: 'a time-out', surface: 'api', status: 408, kind: 'outage' },
  { what: 'a 500', surface: 'api', status: 500, text: v2(500, 'INTERNAL_SERVER_ERROR', 'x'), kind: 'outage' },
  { what: 'a 504 in HTML', surface: 'api', status: 504, text: html, kind: 'outage' },
  { what: 'a redirect to a sign-in page', surface: 'api', status: 302, kind: 'malformed' },
  { what: 'an empty 204 where JSON was due', surface: 'api', status: 204, kind: 'malformed' },
];

for (const { what, surface, status, text = '', headers = {}, kind } of cases) {
  test(`${surface}: ${what} (${status}) is ${kind}`, () => {
    const error = classify({ status, text, headers, traceId: 'trace' }, surface, now);
    assert.equal(error.kind, kind);
    assert.equal(error.status, status);
    assert.equal(error.traceId, 'trace');
  });
}

test('Confluence’s own words are passed on for a request that it refuses, and for nothing else', () => {
  const words = (status: number) =>
    classify({ status, text: v1(status, 'Could not parse cql'), headers: {}, traceId: undefined }, 'api', now).message;
  assert.match(words(400), /Could not parse cql/);
  for (const status of [401, 403, 404, 500]) assert.doesNotMatch(words(status), /cql/);
});

test('transient is what the same request may overcome a little later', () => {
  const transient = cases
    .filter(
      ({ surface, status, text = '', headers = {} }) =>
        classify({ status, text, headers, traceId: undefined }, surface, now).transient,
    )
    .map(({ kind }) => kind);
  assert.deepEqual([...new Set(transient)].sort(), ['malformed', 'outage', 'throttled']);
});

test('the token end point is never quoted: its words may repeat what it refuses', () => {
  const text = JSON.stringify({
    error: 'invalid_request',
    error_description: 'code leaky-code',
    message: 'leaky-code',
  });
  const error = classify({ status: 400, text, headers: {}, traceId: undefined }, 'token_endpoint', now);
  assert.equal(error.kind, 'bad_request');
  assert.doesNotMatch(error.message, /leaky/);
});

const throttles: readonly {
  what: string;
  headers: Record<string, string>;
  quota: boolean;
  resumeAt: string | undefined;
}[] = [
  { what: 'seconds', headers: { 'retry-after': '30' }, quota: false, resumeAt: '2026-06-01T12:20:30.000Z' },
  {
    what: 'an HTTP date',
    headers: { 'retry-after': 'Mon, 01 Jun 2026 12:21:00 GMT' },
    quota: false,
    resumeAt: '2026-06-01T12:21:00.000Z',
  },
  { what: 'zero, which must not cause a storm', headers: { 'retry-after': '0' }, quota: false, resumeAt: undefined },
  { what: 'nothing at all', headers: {}, quota: false, resumeAt: undefined },
  { what: 'nonsense', headers: { 'retry-after': 'soon' }, quota: false, resumeAt: undefined },
  {
    what: 'a spent quota: the later of both',
    headers: {
      'retry-after': '10',
      'x-ratelimit-reset': '2026-06-01T13:00:00Z',
      'ratelimit-reason': 'confluence-quota-global-based',
    },
    quota: true,
    resumeAt: '2026-06-01T13:00:00.000Z',
  },
  {
    what: 'a spent quota, as seen live',
    headers: {
      'retry-after': '3000',
      'x-ratelimit-reset': '2026-06-01T13:00:00Z',
      'ratelimit-reason': 'conf-global-based',
    },
    quota: true,
    resumeAt: '2026-06-01T13:10:00.000Z',
  },
  {
    what: 'a burst limit: the hour’s reset does not matter',
    headers: {
      'retry-after': '2',
      'x-ratelimit-reset': '2026-06-01T13:00:00Z',
      'ratelimit-reason': 'confluence-burst-based',
    },
    quota: false,
    resumeAt: '2026-06-01T12:20:02.000Z',
  },
];
for (const { what, headers, quota, resumeAt } of throttles) {
  test(`a 429 with ${what}`, () => {
    const throttle = readThrottle({ headers }, now);
    assert.equal(throttle.quota, quota);
    assert.equal(throttle.resumeAt?.toISOString(), resumeAt);
  });
}
