import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { findConnectionsToTidy } from '../../shared/connection/due.ts';
import { tidyConnection } from '../../shared/connection/tidy.ts';
import { getAccessToken } from '../../shared/connection/tokens.ts';
import { SecretText } from '../../shared/platform/secret-text.ts';
import { eventually } from '../support/eventually.ts';
import type { DeathPoint } from './refresh-process.ts';
import { newTenant, startWorld, type World } from './world.ts';

let world: World;
let program: string;
before(async () => {
  world = await startWorld({ REFRESH_LEASE_SECONDS: '1', REFRESH_COOLDOWN_MIN_MS: '20' });
  program = await bundled('refresh-process.ts');
});
after(() => world.close());

/** One file instead of the SDKs' thousands: sixteen processes start in a moment. */
async function bundled(file: string): Promise<string> {
  const outfile = join(world.dataDir, 'program.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, file)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // The host provides it; without one the library says so and goes on.
    external: ['@azure/functions-core'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  return outfile;
}

interface Result {
  token?: string;
  error?: string;
}

/** Starts a process that is ready to ask for the token. */
async function start(tenantId: string, deathPoint = '', env: Record<string, string> = {}): Promise<ChildProcess> {
  const child = fork(program, [tenantId, deathPoint], {
    env: { PATH: process.env.PATH, ...world.env, ...env },
  });
  await said(child);
  return child;
}

/** The next message of a process; a process that ends without it fails the test instead of hanging it. */
async function said(child: ChildProcess): Promise<unknown> {
  const gone = new AbortController();
  // Not `exit`: a message that was sent before may still be on its way then.
  child.once('disconnect', () => setImmediate(() => gone.abort(new Error('the process ended without an answer'))));
  const [message] = (await once(child, 'message', { signal: gone.signal })) as [unknown];
  return message;
}

async function ask(child: ChildProcess): Promise<Result> {
  const exited = once(child, 'exit');
  const answer = said(child);
  child.send('go');
  const result = (await answer) as Result;
  await exited;
  return result;
}

/** A connected tenant whose access token, by our clock, is about to expire. */
async function withExpiringToken(): Promise<string> {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  await world.simulator('PATCH', 'switches', { tokens: { accessTokenSeconds: 200 } });
  await world.connect(tenantId, person, [site.cloudId]);
  await world.simulator('PATCH', 'switches', { tokens: { accessTokenSeconds: 3600 } });
  await world.simulator('DELETE', 'requests');
  return tenantId;
}

const exchanges = () => world.requests('/oauth/token');

test('sixteen processes that share an expired token exchange it once and get the same new one', async () => {
  const tenantId = await withExpiringToken();
  // On a busy machine a refresh may take longer than the short lease of the other tests, and be taken over.
  const env = { REFRESH_LEASE_SECONDS: '60' };
  const children = await Promise.all(Array.from({ length: 16 }, () => start(tenantId, '', env)));
  const results = await Promise.all(children.map(ask));
  assert.deepEqual(
    results.filter(({ error }) => error !== undefined),
    [],
  );
  assert.equal(new Set(results.map(({ token }) => token)).size, 1);
  assert.equal(await exchanges(), 1);
  const { refreshLease, grant } = await world.connection(tenantId);
  assert.equal(refreshLease, undefined);
  assert.equal(grant?.rotations, 2);
});

const points: readonly { point: DeathPoint; exchanges: number }[] = [
  { point: 'after-taking-the-lease', exchanges: 1 },
  { point: 'before-the-exchange', exchanges: 1 },
  { point: 'after-the-exchange', exchanges: 2 },
  { point: 'after-storing', exchanges: 1 },
  { point: 'after-recording', exchanges: 1 },
];

for (const { point, exchanges: expected } of points) {
  test(`a process killed ${point.replaceAll('-', ' ')} loses nothing: the next caller recovers`, async () => {
    const tenantId = await withExpiringToken();
    const child = await start(tenantId, point);
    child.send('go');
    const [, signal] = await once(child, 'exit');
    assert.equal(signal, 'SIGKILL', 'the process was to die at the point');
    const deps = world.otherProcess();
    const token = await getAccessToken(deps, tenantId);
    assert.equal(await exchanges(), expected);
    // The refresh token that is stored works, and the record describes it: both survive another rotation.
    const next = await getAccessToken(deps, tenantId, { rejected: token });
    assert.equal(SecretText.equal(token, next), false);
    const connection = await world.connection(tenantId);
    assert.equal(connection.status, 'connected');
    assert.equal(connection.refreshLease, undefined);
    assert.equal(connection.grant?.rotations, 3);
  });
}

test('when nobody asks for the token, the timer finds the abandoned lease and the exchange is made good', async () => {
  const tenantId = await withExpiringToken();
  await tidyConnection(world.deps, tenantId);
  assert.equal((await world.connection(tenantId)).tidyAt, undefined, 'nothing else is to be looked after');
  const child = await start(tenantId, 'after-the-exchange');
  child.send('go');
  await once(child, 'exit');
  assert.deepEqual(await findConnectionsToTidy(world.deps, new Date(0)), []);
  await eventually(async () => {
    assert.ok((await findConnectionsToTidy(world.deps, new Date())).includes(tenantId));
    assert.ok(Date.parse((await world.connection(tenantId)).refreshLease?.until ?? '') < Date.now());
  });
  await tidyConnection(world.deps, tenantId);
  const { refreshLease, grant } = await world.connection(tenantId);
  assert.equal(refreshLease, undefined);
  assert.equal(grant?.rotations, 2);
  assert.equal(await exchanges(), 2);
});

test('a process frozen in mid-refresh does not overwrite what its successor stored', async () => {
  const tenantId = await withExpiringToken();
  // The first process is stopped while the token end point is slow, and goes on after its lease was taken over.
  await world.simulator('POST', 'faults', {
    match: { path: '/oauth/token' },
    answer: { kind: 'slow', delayMs: 400 },
    count: 1,
  });
  const child = await start(tenantId);
  const exited = once(child, 'exit');
  const answer = said(child);
  child.send('go');
  await eventually(async () => assert.ok((await world.connection(tenantId)).refreshLease));
  child.kill('SIGSTOP');
  const token = await getAccessToken(world.otherProcess(), tenantId);
  child.kill('SIGCONT');
  const result = (await answer) as Result;
  const hash = createHash('sha256').update(SecretText.reveal(token)).digest('hex');
  assert.equal(result.token, hash, 'the late process takes what is stored');
  await exited;
  assert.equal((await world.connection(tenantId)).grant?.rotations, 2);
});
