import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startHost, until, writeApp } from './fixture.ts';

const SOURCE = `
import { app } from '@azure/functions';
const handler = (request, context) => {
  context.debug('a detail'); context.log('a fact'); context.warn('a doubt'); context.error('a fault');
  return { body: 'ok' };
};
app.http('loud', { methods: ['GET'], authLevel: 'anonymous', handler });
app.http('quiet', { methods: ['GET'], authLevel: 'anonymous', handler });
`;

it('log entries are filtered by the longest category in logLevel, which a setting may override', async (t) => {
  const logLevel = { default: 'Information', 'Function.quiet.User': 'Warning', 'Function.loud': 'Error' };
  const host = await startHost(t, writeApp(t, { source: SOURCE, hostJson: { logging: { logLevel } } }), {
    'AzureFunctionsJobHost__logging__logLevel__Function.loud': 'Debug',
  });
  await (await fetch(`${host.url}/api/loud`)).text();
  await (await fetch(`${host.url}/api/quiet`)).text();
  await until('the last line', () => host.output().includes('http quiet 200'));
  const lines = host.output().split('\n');
  const logged = (name: string) => lines.map((line) => line.split(` ${name} a `)[1]).filter(Boolean);
  assert.deepEqual(logged('loud').sort(), ['detail', 'doubt', 'fact', 'fault']);
  assert.deepEqual(logged('quiet').sort(), ['doubt', 'fault']);
});
