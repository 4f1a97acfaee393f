import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readHostConfig } from '../../local/functions-host/host-config.ts';
import { applyLocalSettings, type Env, secondsSetting } from '../../local/functions-host/settings.ts';

const dir = mkdtempSync(join(tmpdir(), 'settings-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const write = (value: unknown): string => {
  const file = join(dir, 'file.json');
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
};

describe('settings', () => {
  it('of the environment win over local.settings.json, also when they are empty', () => {
    const env: Env = { A: 'environment', B: '' };
    applyLocalSettings(env, write({ IsEncrypted: false, Values: { A: 'file', B: 'file', C: 'file' } }));
    assert.deepEqual(env, { A: 'environment', B: '', C: 'file' });
  });

  it('may be without a file, but not with one that cannot be read', () => {
    assert.doesNotThrow(() => applyLocalSettings({}, join(dir, 'none.json')));
    assert.throws(() => applyLocalSettings({}, write('{')), /file\.json is not JSON/);
    assert.throws(() => applyLocalSettings({}, write({ Values: { A: 1 } })), /settings are strings/);
  });

  it('in seconds are checked', () => {
    assert.equal(secondsSetting({}, 'X', 10), 10_000);
    assert.equal(secondsSetting({ X: '0.5' }, 'X', 10), 500);
    assert.throws(() => secondsSetting({ X: 'soon' }, 'X', 10), /X is "soon"; set a number of seconds/);
  });
});

describe('host.json', () => {
  it('gives Azure’s defaults for what it leaves out', () => {
    const config = readHostConfig(write({ version: '2.0' }), {});
    assert.equal(config.routePrefix, 'api');
    assert.deepEqual(config.queues, {
      batchSize: 16,
      newBatchThreshold: 8,
      maxDequeueCount: 5,
      visibilityTimeoutMs: 0,
      maxPollingIntervalMs: 1000,
      base64: true,
    });
  });

  it('is overridden by settings, whose names ignore case', () => {
    const file = write({ version: '2.0', extensions: { queues: { batchSize: 4, visibilityTimeout: '00:00:30' } } });
    const config = readHostConfig(file, {
      AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '1.02:03:04.500',
      AZUREFUNCTIONSJOBHOST__EXTENSIONS__QUEUES__BATCHSIZE: '7',
      AzureFunctionsJobHost__extensions__http__routePrefix: '/v1/',
      AzureFunctionsJobHost__logging__logLevel__default: 'Warning',
    });
    assert.equal(config.queues.visibilityTimeoutMs, (((24 + 2) * 60 + 3) * 60 + 4) * 1000 + 500);
    assert.equal(config.queues.batchSize, 7);
    assert.equal(config.queues.newBatchThreshold, 3);
    assert.equal(config.routePrefix, 'v1');
    assert.deepEqual(config.logLevels, { default: 'Warning' });
  });

  it('refuses values that mean nothing and options that it would ignore', () => {
    const queues = (options: object) => write({ version: '2.0', extensions: { queues: options } });
    assert.throws(
      () => readHostConfig(queues({ visibilityTimeout: '30' }), {}),
      /"30" is not a time span; write hh:mm:ss/,
    );
    assert.throws(() => readHostConfig(queues({ batchSize: 33 }), {}), /<=32/);
    assert.throws(() => readHostConfig(queues({ batchSiz: 3 }), {}), /batchSiz/);
    assert.throws(() => readHostConfig(write({}), {}), /"version": "2.0"/);
    const http = write({ version: '2.0', extensions: { http: { customHeaders: {} } } });
    assert.throws(() => readHostConfig(http, {}), /customHeaders/);
  });
});
