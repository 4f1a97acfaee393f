import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFunction } from '../../local/functions-host/bindings.ts';
import type { Binding } from '../../local/functions-host/core-types.ts';

const read = (bindings: Record<string, Binding>, env = {}, retryOptions?: object) =>
  readFunction({ metadata: { name: 'fn', bindings, retryOptions }, handler: () => {} }, 'api', env);
const http = (options: object): Record<string, Binding> => ({
  req: { type: 'httpTrigger', direction: 'in', authLevel: 'anonymous', methods: ['get'], ...options },
});
const queue = (options: object): Record<string, Binding> => ({
  item: { type: 'queueTrigger', direction: 'in', queueName: 'work', connection: 'Storage', ...options },
});

describe('bindings', () => {
  it('refuse by name what this host does not support', () => {
    const cases: [Record<string, Binding>, RegExp][] = [
      [http({ authLevel: 'function' }), /function "fn": authLevel "function" is not supported/],
      [http({ authLevel: 'admin' }), /authLevel "admin" is not supported/],
      [http({ route: 'items/{id:int}' }), /route "items\/\{id:int\}": "\{id:int\}" is not supported/],
      [http({ route: 'items/{id=5}' }), /"\{id=5\}" is not supported/],
      [http({ route: 'files/{name}.{ext}' }), /"\{name\}\.\{ext\}" is not supported/],
      [http({ route: '{*rest}/end' }), /\{\*rest\} is only allowed at the end/],
      [http({ route: '{id}/{ID}' }), /names \{ID\} twice/],
      [http({ route: '/slash' }), /must not start with "\/"/],
      [{ ...http({}), out: { type: 'queue', direction: 'out' } }, /output binding "out" \(queue\) is not supported/],
      [{ ...http({}), in: { type: 'blob', direction: 'in' } }, /input binding "in" \(blob\) is not supported/],
      [{ blob: { type: 'blobTrigger', direction: 'in' } }, /trigger type "blobTrigger" is not supported/],
      [queue({}), /set Storage to a connection string/],
      [queue({ queueName: '%QUEUE%' }), /names the setting QUEUE, which is not set/],
      [queue({ queueName: 'Upper' }), /"Upper" is not a valid queue name/],
    ];
    for (const [bindings, expected] of cases) assert.throws(() => read(bindings), expected);
    assert.throws(() => read(http({}), {}, { strategy: 'fixedDelay' }), /a retry policy is not supported/);
    assert.throws(
      () => readFunction({ metadata: { name: 'fn', bindings: http({ route: 'admin/x' }) }, handler: () => {} }, '', {}),
      /route "admin\/x" is reserved/,
    );
  });

  it('expand settings in queue names and find connections with and without AzureWebJobs in front', () => {
    const env = { QUEUE: 'sync', AzureWebJobsStorage: 'first', Other: 'second' };
    const fn = read(queue({ queueName: 'confluence-%QUEUE%' }), env);
    assert.ok(fn.trigger === 'queue');
    assert.deepEqual([fn.queueName, fn.connectionString], ['confluence-sync', 'first']);
    const other = read(queue({ connection: 'Other' }), env);
    assert.ok(other.trigger === 'queue');
    assert.equal(other.connectionString, 'second');
  });

  it('route a function without a route by its name', () => {
    const fn = read(http({}));
    assert.ok(fn.trigger === 'http');
    assert.equal(fn.route.template, 'api/fn');
  });
});
