import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startConfluence } from '../../local/confluence/server.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnStack } from '../support/own-stack.ts';
import { testStack } from '../support/stack.ts';

/**
 * Unique tokens, codes and a client secret run through the whole application at debug log level, through success and
 * failure; then everything that it wrote or said is searched for them. They may be in Key Vault's file and nowhere else.
 */
test('no token, code or client secret is seen outside Key Vault', { timeout: 110_000 }, async (t) => {
  const clientSecret = randomBytes(32).toString('base64url');
  const atlassian = await watchedAtlassian(t, clientSecret);
  const dataDir = await mkdtemp(join(tmpdir(), 'canary-'));
  const own = await startOwnStack(t, {
    dataDir,
    env: {
      ATLASSIAN_AUTH_URL: atlassian.url,
      ATLASSIAN_API_URL: atlassian.url,
      ATLASSIAN_CLIENT_ID: 'canary',
      ATLASSIAN_CLIENT_SECRET: clientSecret,
      LOG_LEVEL: 'debug',
    },
  });
  // Hooks run in the order of their registration: the folder goes when the stack has stopped writing to it.
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const stack = testStack(own.file());
  const { functionsUrl } = stack;
  await atlassian.simulator('PATCH', 'app', { callbackUrls: [`${functionsUrl}/api/confluence/callback`] });
  const answers: string[] = [];
  const call = async (path: string, init: RequestInit = {}): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${functionsUrl}${path}`, init);
    const text = await response.text();
    answers.push(`${response.status} ${JSON.stringify([...response.headers])} ${text}`);
    return { status: response.status, text };
  };
  const dashboard = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const { text } = await call(`/api/tenants/canary/${path}`, {
      method,
      headers: { authorization: `Bearer ${stack.dashboardToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return JSON.parse(text) as T;
  };

  // A person, a site, and the whole way from Connect to a finished sync.
  const accountId = '712020:canary';
  await atlassian.simulator('POST', 'accounts', { accountId, displayName: 'Ada', email: 'ada@acme.example' });
  const site = await atlassian.simulator<{ cloudId: string }>('POST', 'sites', {
    name: 'canary',
    seed: 1,
    pages: 12,
    accounts: [accountId],
  });
  const completions: string[] = [];
  const connect = async () => {
    const { authorizeUrl } = await dashboard<{ authorizeUrl: string }>('POST', 'confluence/connect', {});
    const { location } = await atlassian.simulator<{ location: string }>('POST', 'consent', {
      authorizeUrl,
      accountId,
      cloudIds: [site.cloudId],
    });
    const callback = new URL(location);
    atlassian.seen.add(callback.searchParams.get('code') ?? '');
    const page = await fetch(callback);
    const html = await page.text();
    const message = JSON.parse(/id="message">(.*?)<\/script>/s.exec(html)?.[1] ?? '{}');
    completions.push(message.completion);
    // The page carries the completion, as it must; everything else in it is searched.
    answers.push(html.replaceAll(message.completion, ''));
    return dashboard<{ status: string }>('POST', 'confluence/connect/complete', { completion: message.completion });
  };
  const runs = () => dashboard<{ runs: { state: string }[] }>('GET', 'confluence/runs');
  assert.equal((await connect()).status, 'connected');
  await eventually(async () => assert.equal((await runs()).runs[0]?.state, 'succeeded'), { timeoutMs: 40_000 });

  // An agent's calls: with a good token, with one that has expired, and while the token end point fails.
  await dashboard('PUT', 'agents/a/confluence-tool', { profile: 'read_only' });
  const { key } = await dashboard<{ key: string }>('POST', 'agents/a/confluence-tool/keys', {});
  answers.pop(); // The key is shown once, here.
  const tool = (operation: string, body: unknown, bearer = key) =>
    call(`/api/confluence/tool/${operation}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  assert.equal((await tool('confluence_list_pages', {})).status, 200);
  await atlassian.simulator('POST', 'tokens/expire');
  assert.equal((await tool('confluence_list_pages', {})).status, 200);
  assert.equal(atlassian.exchanges(), 2);
  await atlassian.simulator('POST', 'tokens/expire');
  await atlassian.simulator('POST', 'faults', { match: { path: '/oauth/token' }, answer: { status: 503 } });
  assert.notEqual((await tool('confluence_list_pages', {})).status, 200);
  await atlassian.simulator('DELETE', 'faults');
  await eventually(async () => assert.equal((await tool('confluence_list_spaces', {})).status, 200));
  await tool('confluence_list_pages', { unknown: 1 });
  await tool('confluence_list_pages', {}, `${key}x`);
  await call(`/api/confluence/callback?state=canary~${randomBytes(32).toString('base64url')}&code=unused`);
  const inVault = searched(filesBelow(join(dataDir, 'key-vault')), atlassian.seen);
  assert.ok(inVault.length > 0, 'the search finds the tokens where they are meant to be');

  // The grant is revoked, renewed, and given up.
  await atlassian.simulator('POST', 'grants/revoke', { accountId });
  await eventually(async () => {
    await tool('confluence_list_pages', {});
    const { status } = await dashboard<{ status: string }>('GET', 'confluence');
    assert.equal(status, 'reconnect_required');
  });
  assert.equal((await connect()).status, 'connected');
  assert.equal((await dashboard<{ status: string }>('DELETE', 'confluence')).status, 'disconnected');
  await tool('confluence_list_pages', {});

  const secrets = new Set([...atlassian.seen, clientSecret]);
  assert.ok(secrets.size >= 8, `${secrets.size} secrets were watched`);
  const outsideVault = filesBelow(dataDir).filter(({ name }) => !name.startsWith(join(dataDir, 'key-vault')));
  const said = [
    { name: 'HTTP answers', content: Buffer.from(answers.join('\n')) },
    { name: 'output', content: Buffer.from(own.lines.join('\n')) },
  ];
  assert.deepEqual(searched([...outsideVault, ...said], secrets), []);
  assert.deepEqual(searched([...outsideVault, ...said], new Set([key, ...completions])), []);
  const logs = outsideVault.filter(({ name }) => name.includes('/logs/'));
  assert.ok(
    logs.some(({ content }) => content.includes('connection_changed')),
    'the log was written and searched',
  );
});

interface Searched {
  readonly name: string;
  readonly content: Buffer;
}

function filesBelow(folder: string): Searched[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((name) => ({ name, content: readFileSync(name) }));
}

/** Where a secret was found, by the name of the place; never the secret. */
function searched(places: readonly Searched[], secrets: ReadonlySet<string>): string[] {
  const needles = [...secrets].flatMap(needlesOf);
  return places.filter(({ content }) => needles.some((needle) => content.includes(needle))).map(({ name }) => name);
}

/**
 * Pieces of a secret, as it may stand in a file: databases split long values over pages, queues hold base64 (whose text
 * depends on where the value begins).
 */
function needlesOf(secret: string): string[] {
  const pieces = [0, 0.5, 1].map((share) => {
    const from = Math.floor(Math.max(0, secret.length - 32) * share);
    return secret.slice(from, from + 32);
  });
  return pieces.flatMap((piece) => [
    piece,
    encodeURIComponent(piece),
    ...[0, 1, 2].map((shift) => inBase64(piece, shift)),
  ]);
}

function inBase64(piece: string, shift: number): string {
  // The first and the last characters also encode their neighbours.
  return Buffer.from('x'.repeat(shift) + piece)
    .toString('base64')
    .slice(4, -4);
}

/** The simulator behind a proxy that notes every token and code that passes. */
async function watchedAtlassian(t: TestContext, clientSecret: string) {
  const part = await startConfluence({ port: 0, dataDir: ':memory:', clientId: 'canary', clientSecret, demo: false });
  const seen = new Set<string>();
  let exchanges = 0;
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming;
    const forwarded = httpRequest(`${part.url}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.pipe(outgoing);
      answer.on('end', () => {
        if (url !== '/oauth/token' || answer.statusCode !== 200) return;
        exchanges += 1;
        const tokens = JSON.parse(Buffer.concat(chunks).toString());
        seen.add(tokens.access_token).add(tokens.refresh_token);
      });
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await part.close();
  });
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    seen,
    exchanges: () => exchanges,
    async simulator<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      const response = await fetch(`${part.url}/_simulator/${path}`, init);
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return JSON.parse(text) as T;
    },
  };
}
