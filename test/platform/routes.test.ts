import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { RegisteredFunction } from '../../local/functions-host/registry.ts';
import { sealFunctions } from '../../local/functions-host/registry.ts';
import { type Route, routes } from '../../shared/platform/routes.ts';

const root = join(import.meta.dirname, '../..');
const files = readdirSync(join(root, 'functions')).filter((file) => file.endsWith('.ts'));
let registered: RegisteredFunction[] = [];

/** Loads every function as the worker does and takes down what they register. */
before(async () => {
  const core = new URL('../../local/functions-host/core-module.ts', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@azure/functions-core'
        ? { url: core, format: 'module-typescript', shortCircuit: true }
        : next(specifier, context),
  });
  for (const file of files) await import(join(root, 'functions', file));
  registered = sealFunctions();
});

interface HttpBinding {
  readonly type?: string;
  readonly route?: string;
  readonly methods?: readonly string[];
  readonly authLevel?: string;
}

const httpOf = ({ metadata }: RegisteredFunction) =>
  Object.values(metadata.bindings as Record<string, HttpBinding>).find(({ type }) => type === 'httpTrigger');

test('every registered HTTP function declares in the one table who may call it, and answers at that path only', () => {
  const declared: Record<string, Route> = routes;
  const http = registered.filter((entry) => httpOf(entry) !== undefined);
  assert.ok(http.length > 10);
  for (const entry of http) {
    const { name } = entry.metadata;
    const route = declared[name];
    assert.ok(route, `${name} has no line in shared/platform/routes.ts`);
    const binding = httpOf(entry);
    assert.deepEqual([binding?.route, binding?.methods], [route.path, [route.method]], name);
    assert.ok(['dashboard', 'agent', 'anyone'].includes(route.caller));
  }
});

test('every route of the table is registered, and every function stands in the file of its name', () => {
  const names = registered.map(({ metadata }) => metadata.name);
  for (const name of Object.keys(routes)) assert.ok(names.includes(name), `${name} is declared but not registered`);
  assert.deepEqual(names.map((name) => `${name}.ts`).sort(), [...files].sort());
});

test('HTTP functions are registered in one place, which authenticates', () => {
  const registering = ['functions', 'shared']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    )
    .filter(
      (file) =>
        file.endsWith('.ts') &&
        /\bapp\.(http|get|post|put|patch|deleteRequest)\(/.test(readFileSync(join(root, file), 'utf8')),
    );
  assert.deepEqual(registering, [join('shared', 'platform', 'http-function.ts')]);
});

test('only what reveals nothing may be called by anyone', () => {
  const open = Object.entries(routes).filter(([, { caller }]) => caller === 'anyone');
  assert.deepEqual(open.map(([name]) => name).sort(), [
    'connect-callback',
    'health-get',
    'mcp-get',
    'openapi-get',
    'tile-get',
  ]);
  for (const [name, { path, caller }] of Object.entries(routes)) {
    if (path.startsWith('tenants/')) assert.equal(caller, 'dashboard', name);
  }
});
