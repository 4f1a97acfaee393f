import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { stack } from '../support/stack.ts';

test('a test that needs the stack says how to run it when there is none', (t) => {
  const path = process.env.TEST_STACK;
  t.after(() => {
    if (path !== undefined) process.env.TEST_STACK = path;
  });
  delete process.env.TEST_STACK;
  assert.throws(() => stack(), { message: /use `npm test` or `node test\/run\.ts FILE`/ });
});

test('the runner refuses a pattern that matches no test', async () => {
  const run = promisify(execFile)(process.execPath, [join(import.meta.dirname, '../run.ts'), 'test/no-such.test.ts']);
  await assert.rejects(run, { code: 1, stderr: 'No test file matches test/no-such.test.ts\n' });
});
