import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { addressesOf } from '../../local/stack/addresses.ts';
import { portsFrom } from '../../local/stack/ports.ts';
import { atlassianMode, type Env, givenSettings, hostEnvironment } from '../../local/stack/settings.ts';
import { temporaryFolder } from '../support/folders.ts';

const SECRETS = { identityHeader: 'header', cosmosKey: 'a2V5', storage: 'UseDevelopmentStorage=true' };
const environmentFor = (env: Env, settingsFile?: string) =>
  hostEnvironment(givenSettings(env, settingsFile), addressesOf(portsFrom(7300)), SECRETS);

test('without any setting the app runs against the bundled parts', () => {
  assert.partialDeepStrictEqual(environmentFor({ PATH: '/bin' }), {
    PATH: '/bin',
    PUBLIC_URL: 'http://127.0.0.1:7301',
    DASHBOARD_ORIGIN: 'http://127.0.0.1:7300',
    ATLASSIAN_AUTH_URL: 'http://127.0.0.1:7302',
    ATLASSIAN_API_URL: 'http://127.0.0.1:7302',
    AUTH_ISSUER: 'http://127.0.0.1:7303',
    IDENTITY_ENDPOINT: 'http://127.0.0.1:7303/msi/token',
    KEY_VAULT_URL: 'https://confluence.vault.localhost:7304',
    COSMOS_ENDPOINT: 'http://127.0.0.1:7305',
    COSMOS_DATABASE: 'confluence',
  });
});

test('the environment wins over local.settings.json, which wins over the defaults of the stack', async (t) => {
  const settingsFile = join(await temporaryFolder(t), 'local.settings.json');
  const Values = { AUTH_AUDIENCE: 'from-file', SYNC_INTERVAL_MINUTES: '7', COSMOS_DATABASE: 'from-file' };
  await writeFile(settingsFile, JSON.stringify({ IsEncrypted: false, Values }));
  const environment = environmentFor({ SYNC_INTERVAL_MINUTES: '3', COSMOS_DATABASE: '' }, settingsFile);
  assert.equal(environment.AUTH_AUDIENCE, 'from-file');
  assert.equal(environment.SYNC_INTERVAL_MINUTES, '3');
  assert.equal(environment.COSMOS_DATABASE, 'from-file', 'an empty value counts as not set');
});

test('a client id and secret alone mean the real Atlassian, addresses mean what is there', () => {
  const app = { ATLASSIAN_CLIENT_ID: 'id', ATLASSIAN_CLIENT_SECRET: 'secret' };
  const urls = { ATLASSIAN_AUTH_URL: 'http://127.0.0.1:9000', ATLASSIAN_API_URL: 'http://127.0.0.1:9001' };
  assert.equal(atlassianMode({}), 'simulator');
  assert.equal(atlassianMode(app), 'real');
  assert.equal(atlassianMode(urls), 'given');
  assert.equal(atlassianMode({ ...app, ...urls }), 'given');
  const bundled = 'http://127.0.0.1:7302';
  assert.equal(atlassianMode({ ATLASSIAN_AUTH_URL: bundled, ATLASSIAN_API_URL: bundled }, bundled), 'simulator');
  assert.equal(atlassianMode(urls, bundled), 'given');
  const real = environmentFor(app);
  assert.deepEqual([real.ATLASSIAN_AUTH_URL, real.ATLASSIAN_API_URL], [undefined, undefined]);
  assert.equal(real.ATLASSIAN_CLIENT_ID, 'id');
  const given = environmentFor(urls);
  assert.equal(given.ATLASSIAN_API_URL, 'http://127.0.0.1:9001');
  assert.equal(given.ATLASSIAN_CLIENT_ID, 'local-client');
});

test('half a choice of Atlassian is refused', () => {
  assert.throws(() => atlassianMode({ ATLASSIAN_CLIENT_ID: 'id' }), { message: /ATLASSIAN_CLIENT_SECRET/ });
  assert.throws(() => atlassianMode({ ATLASSIAN_API_URL: 'http://127.0.0.1:1' }), { message: /ATLASSIAN_AUTH_URL/ });
});

test('all bad settings are named in one message without their values', () => {
  const bad = { SYNC_INTERVAL_MINUTES: 'often', PUBLIC_URL: 'http://public.example', MISSING_GRACE_MINUTES: '-1' };
  assert.throws(
    () => environmentFor(bad),
    ({ name, message }: Error) => {
      assert.equal(name, 'StackError');
      for (const setting of Object.keys(bad)) assert.ok(message.includes(setting), message);
      assert.equal(message.includes('often'), false);
      return true;
    },
  );
});

test('a port base that leaves no room is refused', () => {
  for (const base of [0, 80, 65_500, 7300.5, Number.NaN])
    assert.throws(() => portsFrom(base), { message: /LOCAL_PORT_BASE must be a whole number/ });
});
