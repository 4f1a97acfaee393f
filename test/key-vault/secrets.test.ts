import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testVault } from './vault.ts';

/** The code that tells one 403 or 409 from another stands in the inner error. */
const innerCode = (statusCode: number, code: string) => (error: unknown) => {
  const { statusCode: actual, details } = error as { statusCode?: number; details?: KeyVaultErrorBody };
  assert.deepEqual([actual, details?.error.innerError?.code], [statusCode, code]);
  return true;
};

interface KeyVaultErrorBody {
  error: { innerError?: { code: string } };
}

const statusAndCode = (statusCode: number, code: string) => ({ statusCode, code });

test('a secret is read back with its tags, content type and attributes', async (t) => {
  const { client, vaultUrl } = await testVault(t);
  const set = await client.setSecret('tokens-1', 'value', {
    contentType: 'application/json',
    tags: { tenant: 't1' },
    expiresOn: new Date('2030-01-01T00:00:00Z'),
  });
  const got = await client.getSecret('tokens-1');
  assert.equal(got.value, 'value');
  assert.equal(got.properties.contentType, 'application/json');
  assert.deepEqual(got.properties.tags, { tenant: 't1' });
  assert.equal(got.properties.expiresOn?.toISOString(), '2030-01-01T00:00:00.000Z');
  assert.equal(got.properties.enabled, true);
  assert.equal(got.properties.recoveryLevel, 'Recoverable+Purgeable');
  assert.equal(got.properties.version, set.properties.version);
  assert.equal(got.properties.id, `${vaultUrl}/secrets/tokens-1/${set.properties.version}`);
});

test('the newest version is the secret, earlier versions stay readable by their id', async (t) => {
  const { client } = await testVault(t);
  const first = await client.setSecret('a', 'one');
  await client.setSecret('a', 'two');
  assert.equal((await client.getSecret('a')).value, 'two');
  assert.equal((await client.getSecret('A')).value, 'two', 'names are case-insensitive');
  const version = first.properties.version ?? '';
  assert.equal((await client.getSecret('a', { version })).value, 'one');
});

test('a disabled version answers 403, and a disabled newest version does not fall back to an older one', async (t) => {
  const { client } = await testVault(t);
  const first = await client.setSecret('a', 'one');
  const second = await client.setSecret('a', 'two');
  const [version1 = '', version2 = ''] = [first.properties.version, second.properties.version];
  const updated = await client.updateSecretProperties('a', version1, { enabled: false });
  assert.equal(updated.enabled, false);
  await assert.rejects(client.getSecret('a', { version: version1 }), innerCode(403, 'SecretDisabled'));
  assert.equal((await client.getSecret('a')).value, 'two');
  await client.updateSecretProperties('a', version2, { enabled: false });
  await assert.rejects(client.getSecret('a'), statusAndCode(403, 'Forbidden'));
  await client.updateSecretProperties('a', version2, { enabled: true, tags: { kept: 'yes' } });
  const again = await client.getSecret('a');
  assert.deepEqual([again.value, again.properties.tags], ['two', { kept: 'yes' }]);
});

test('lists are paged and never contain a value', async (t) => {
  const { client } = await testVault(t);
  for (let n = 0; n < 30; n += 1) await client.setSecret('many', `value-${n}`);
  for (const name of ['b', 'a', 'c']) await client.setSecret(name, 'value');
  const versions = [];
  for await (const properties of client.listPropertiesOfSecretVersions('many')) versions.push(properties);
  assert.equal(new Set(versions.map(({ version }) => version)).size, 30);
  assert.ok(versions.every((properties) => !('value' in properties)));
  const pages = [];
  for await (const page of client.listPropertiesOfSecrets().byPage({ maxPageSize: 3 }))
    pages.push(page.map(({ name }) => name));
  assert.deepEqual(pages, [['a', 'b', 'c'], ['many']]);
  for await (const _ of client.listPropertiesOfSecretVersions('unknown'))
    assert.fail('a missing secret has no versions');
});

test('an unknown secret, version or deleted secret answers 404 SecretNotFound', async (t) => {
  const { client } = await testVault(t);
  await client.setSecret('a', 'one');
  await assert.rejects(client.getSecret('b'), statusAndCode(404, 'SecretNotFound'));
  await assert.rejects(client.getSecret('a', { version: '0'.repeat(32) }), statusAndCode(404, 'SecretNotFound'));
  await assert.rejects(client.getDeletedSecret('a'), statusAndCode(404, 'SecretNotFound'));
  await assert.rejects(client.purgeDeletedSecret('a'), statusAndCode(404, 'SecretNotFound'));
});

test('a deleted secret is gone, keeps its name until it is purged, and can then be set again', async (t) => {
  const { client } = await testVault(t);
  await client.setSecret('a', 'one');
  const poller = await client.beginDeleteSecret('a', { intervalInMs: 5 });
  await assert.rejects(client.getSecret('a'), statusAndCode(404, 'SecretNotFound'));
  const deleted = await poller.pollUntilDone();
  assert.ok(deleted.recoveryId?.endsWith('/deletedsecrets/a'));
  const { deletedOn, scheduledPurgeDate } = deleted;
  assert.equal(Number(scheduledPurgeDate) - Number(deletedOn), 90 * 24 * 3_600_000);
  assert.equal(deleted.value, undefined);
  await assert.rejects(client.setSecret('a', 'two'), innerCode(409, 'ObjectIsDeletedButRecoverable'));
  const names = [];
  for await (const { name } of client.listDeletedSecrets()) names.push(name);
  assert.deepEqual(names, ['a']);
  await client.purgeDeletedSecret('a');
  await assert.rejects(client.getDeletedSecret('a'), statusAndCode(404, 'SecretNotFound'));
  const set = await retryConflict(() => client.setSecret('a', 'two'));
  assert.equal(set.value, 'two');
});

test('deleting and purging take a moment, in which the name answers 409 ObjectIsBeingDeleted', async (t) => {
  const { client } = await testVault(t, { deletionMs: 60_000 });
  await client.setSecret('a', 'one');
  await client.beginDeleteSecret('a');
  for (const call of [() => client.purgeDeletedSecret('a'), () => client.setSecret('a', 'two')])
    await assert.rejects(call, innerCode(409, 'ObjectIsBeingDeleted'));
  await assert.rejects(client.getDeletedSecret('a'), statusAndCode(404, 'SecretNotFound'));
});

test('a deleted secret can be recovered with all its versions', async (t) => {
  const { client } = await testVault(t);
  const first = await client.setSecret('a', 'one');
  await client.setSecret('a', 'two');
  await (await client.beginDeleteSecret('a', { intervalInMs: 5 })).pollUntilDone();
  await (await client.beginRecoverDeletedSecret('a', { intervalInMs: 5 })).pollUntilDone();
  assert.equal((await client.getSecret('a')).value, 'two');
  assert.equal((await client.getSecret('a', { version: first.properties.version ?? '' })).value, 'one');
});

test('a value of 25 KB is stored and a larger one refused', async (t) => {
  const { client } = await testVault(t);
  await client.setSecret('a', 'x'.repeat(25 * 1024));
  await assert.rejects(client.setSecret('a', 'x'.repeat(25 * 1024 + 1)), statusAndCode(400, 'BadParameter'));
  await assert.rejects(client.setSecret('not_a_name', 'x'), statusAndCode(400, 'BadParameter'));
});

test('what the emulator does not serve is refused by name', async (t) => {
  const { client, vaultUrl } = await testVault(t);
  await client.setSecret('a', 'one');
  await assert.rejects(client.backupSecret('a'), {
    statusCode: 400,
    message: /does not serve POST \/secrets\/a\/backup/,
  });
  const headers = { authorization: 'Bearer t' };
  const withoutVersion = await fetch(`${vaultUrl}/secrets/a`, { headers });
  assert.match(await withoutVersion.text(), /api-version/);
  const unknownField = await fetch(`${vaultUrl}/secrets/a?api-version=7.5`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ value: 'x', colour: 'red' }),
  });
  assert.equal(unknownField.status, 400);
  assert.match(await unknownField.text(), /colour/);
});

test('a request without a token is challenged and nothing is done', async (t) => {
  const { client, vaultUrl } = await testVault(t);
  const response = await fetch(`${vaultUrl}/secrets/a?api-version=7.5`, {
    method: 'PUT',
    body: JSON.stringify({ value: 'x' }),
  });
  assert.equal(response.status, 401);
  assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer .*resource="https:\/\/vault\.localhost"/);
  await assert.rejects(client.getSecret('a'), statusAndCode(404, 'SecretNotFound'));
});

async function retryConflict<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 409) throw error;
    }
  }
}
