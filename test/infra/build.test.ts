import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from '../../build.ts';
import { packageContent } from '../../checks/check-package.ts';
import { REPOSITORY } from '../../checks/project.ts';
import { readSettings } from '../../shared/platform/settings.ts';
import { readTelemetrySettings } from '../../shared/platform/telemetry-settings.ts';

test('a deployment holds the bundle with its source maps and what the host reads, and nothing of development', async () => {
  // Under the test runner the bundle is there, and other tests are running from it.
  if (!process.env.TEST_STACK) await build();
  const content = packageContent(REPOSITORY, readFileSync(join(REPOSITORY, '.funcignore'), 'utf8'));
  const fixed = content.filter((path) => !path.startsWith('dist/chunks/'));
  assert.deepEqual(fixed, ['dist/functions.js', 'dist/functions.js.map', 'host.json', 'package.json']);
  const bundle = content
    .filter((path) => path.endsWith('.js'))
    .map((path) => readFileSync(join(REPOSITORY, path), 'utf8'));
  for (const name of ['azurite', 'tree-sitter', 'playwright', 'hono/dist']) {
    assert.ok(!bundle.some((text) => text.includes(`node_modules/${name}`)), `the bundle holds ${name}`);
  }
  for (const path of content.filter((name) => name.endsWith('.js'))) {
    assert.ok(content.includes(`${path}.map`), `${path} has no source map`);
  }
});

test('the local example of the settings is complete and valid', () => {
  const { Values } = JSON.parse(readFileSync(join(REPOSITORY, 'local.settings.example.json'), 'utf8'));
  const settings = readSettings(Values);
  assert.equal(settings.COSMOS_DATABASE, 'confluence');
  assert.equal(readTelemetrySettings(Values), undefined, 'telemetry is off until somebody wants it');
});
