import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TimerFunction } from '../../local/functions-host/bindings.ts';
import { startTimer } from '../../local/functions-host/timers.ts';
import { startHost, until, writeApp } from './fixture.ts';

const SOURCE = `
import { app } from '@azure/functions';
import { setTimeout as delay } from 'node:timers/promises';
const seen = [];
app.timer('every-second', { schedule: '%EVERY_SECOND%', handler: (timer) => { seen.push(timer); } });
app.timer('never', { schedule: '0 0 0 1 1 *', useMonitor: false, handler: async () => { throw new Error('no luck'); } });
app.timer('at-start', { schedule: '0 0 0 1 1 *', runOnStartup: true, handler: (timer, context) => context.log('hello from the start') });
let running = 0, most = 0;
app.timer('slow', { schedule: '0 0 0 1 1 *', handler: async () => { most = Math.max(most, ++running); await delay(50); running--; } });
app.http('seen', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ jsonBody: { seen, most } }) });
`;

describe('timers', () => {
  it('run by schedule, at start and on request, one run at a time', async (t) => {
    const host = await startHost(t, writeApp(t, { source: SOURCE }), { EVERY_SECOND: '* * * * * *' });
    const seen = async () => (await (await fetch(`${host.url}/api/seen`)).json()) as { seen: Timer[]; most: number };

    await t.test('by the schedule, in which a setting is expanded, in UTC seconds', async () => {
      const [first, second] = await until('two runs', async () => {
        const runs = (await seen()).seen;
        return runs.length > 1 ? runs : undefined;
      });
      assert.equal(first?.isPastDue, false);
      assert.equal(first?.scheduleStatus.last, '0001-01-01T00:00:00+00:00');
      assert.ok(Date.parse(second?.scheduleStatus.next ?? '') > Date.parse(second?.scheduleStatus.last ?? ''));
      assert.equal(Date.parse(second?.scheduleStatus.next ?? '') % 1000, 0);
    });

    await t.test('at start, logging with level and function', () => {
      assert.match(host.output(), /^\S+Z information at-start hello from the start$/m);
      assert.match(host.output(), /^\S+Z timer at-start succeeded \d+ ms [0-9a-f-]{36}$/m);
    });

    await t.test('on the admin route: 202 at once, with ?wait=true 200 or 500 at the end', async () => {
      const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
      assert.equal((await fetch(`${host.url}/admin/functions/slow`, post)).status, 202);
      assert.equal((await host.run('slow')).status, 200);
      const failed = await host.run('never');
      assert.equal(failed.status, 500);
      assert.deepEqual(await failed.json(), { message: 'no luck' });
    });

    await t.test('never overlapping, also when asked for twice', async () => {
      await Promise.all([host.run('slow'), host.run('slow'), host.run('slow')]);
      assert.equal((await seen()).most, 1);
    });

    await t.test('and the admin route wants JSON', async () => {
      assert.equal((await fetch(`${host.url}/admin/functions/slow`, { method: 'POST', body: '{}' })).status, 415);
      const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[1' };
      assert.equal((await fetch(`${host.url}/admin/functions/slow`, post)).status, 400);
    });
  });

  it('refuse a schedule that Azure would refuse', () => {
    const invoker = { run: () => Promise.resolve({}), idle: () => Promise.resolve() };
    for (const schedule of ['@daily', '0 0 0 L * *', '00:00:30', '0 0 0 1 1 * 2027', '61 * * * * *', '']) {
      const fn = { name: 'bad', schedule, disabled: true, runOnStartup: false } as TimerFunction;
      assert.throws(
        () => startTimer(fn, invoker),
        /function "bad": schedule ".*" is not an NCRONTAB expression/,
        schedule,
      );
    }
  });
});

interface Timer {
  isPastDue: boolean;
  scheduleStatus: { last: string; next: string; lastUpdated: string };
}
