import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { PatchOperation } from '@azure/cosmos';
import { messageOf, startEmulator, statusOf } from './support.ts';

const emulator = await startEmulator({ after });
const container = await emulator.container();
let count = 0;

/** Patches a fresh item and gives what is left of it without system properties, or the status of the error. */
async function patched(operations: unknown[], condition?: string): Promise<unknown> {
  const id = `p${count++}`;
  await container.items.create({ id, tenantId: 't', n: 1, list: [1, 2, 3], o: { a: 1, 'x/y': 1, list: [{ k: 1 }] } });
  const body = { operations: operations as PatchOperation[], ...(condition === undefined ? {} : { condition }) };
  const status = await statusOf(container.item(id, 't').patch(body));
  const { resource } = await container.item(id, 't').read();
  const { n, list, o, ...rest } = resource;
  if (status !== undefined)
    assert.deepEqual({ n, list, o }, { n: 1, list: [1, 2, 3], o: { a: 1, 'x/y': 1, list: [{ k: 1 }] } });
  const added = Object.fromEntries(Object.entries(rest).filter(([name]) => !/^(_|id$|tenantId$)/.test(name)));
  return status ?? { n, list, o, ...added };
}

const START = { n: 1, list: [1, 2, 3], o: { a: 1, 'x/y': 1, list: [{ k: 1 }] } };
const cases: [title: string, operations: unknown[], expected: unknown][] = [
  [
    'add and set create or replace a property',
    [
      { op: 'add', path: '/new', value: { x: 1 } },
      { op: 'set', path: '/n', value: 2 },
    ],
    { ...START, n: 2, new: { x: 1 } },
  ],
  [
    'add inserts into an array, set replaces its element',
    [
      { op: 'add', path: '/list/0', value: 0 },
      { op: 'set', path: '/list/2', value: 'two' },
    ],
    { ...START, list: [0, 1, 'two', 3] },
  ],
  [
    "'-' appends",
    [
      { op: 'add', path: '/list/-', value: 4 },
      { op: 'add', path: '/list/4', value: 5 },
    ],
    { ...START, list: [1, 2, 3, 4, 5] },
  ],
  [
    'remove takes out a property or an element',
    [
      { op: 'remove', path: '/o/a' },
      { op: 'remove', path: '/list/1' },
    ],
    { ...START, list: [1, 3], o: { 'x/y': 1, list: [{ k: 1 }] } },
  ],
  [
    'replace wants the target to exist',
    [{ op: 'replace', path: '/o/list/0/k', value: 2 }],
    { ...START, o: { ...START.o, list: [{ k: 2 }] } },
  ],
  [
    'replace of a missing property fails',
    [
      { op: 'set', path: '/n', value: 5 },
      { op: 'replace', path: '/missing', value: 2 },
    ],
    400,
  ],
  ['remove of a missing property fails', [{ op: 'remove', path: '/missing' }], 400],
  ['a missing parent fails', [{ op: 'set', path: '/missing/deep', value: 1 }], 400],
  ['a scalar parent fails', [{ op: 'set', path: '/n/deep', value: 1 }], 400],
  ['an index past the end fails', [{ op: 'add', path: '/list/4', value: 1 }], 400],
  ['an index that is no number fails', [{ op: 'set', path: '/list/first', value: 1 }], 400],
  [
    'incr adds, creates, and takes fractions and negative numbers',
    [
      { op: 'incr', path: '/n', value: 1.5 },
      { op: 'incr', path: '/fresh', value: -2 },
    ],
    { ...START, n: 2.5, fresh: -2 },
  ],
  ['incr of what is no number fails', [{ op: 'incr', path: '/list', value: 1 }], 400],
  [
    'a slash in a name is written ~1',
    [{ op: 'set', path: '/o/x~1y', value: 2 }],
    { ...START, o: { ...START.o, 'x/y': 2 } },
  ],
  ['move is refused by name', [{ op: 'move', from: '/n', path: '/m' }], 400],
  ['the id cannot be changed', [{ op: 'set', path: '/id', value: 'x' }], 400],
  ['the partition key cannot be changed', [{ op: 'set', path: '/tenantId', value: 'x' }], 400],
  ['ten operations are the most', Array.from({ length: 11 }, () => ({ op: 'incr', path: '/n', value: 1 })), 400],
  ['no operation is an error', [], 400],
];
for (const [title, operations, expected] of cases) {
  test(`Patch: ${title}`, async () => assert.deepEqual(await patched(operations), expected));
}

test('A patch happens only if its condition is true', async () => {
  const set = [{ op: 'set', path: '/n', value: 9 }];
  assert.deepEqual(await patched(set, 'from c where c.n = 1 and not is_defined(c.lease)'), { ...START, n: 9 });
  assert.equal(await patched(set, 'from c where c.n = 2'), 412);
  assert.equal(await patched(set, 'from c where c.missing = 1'), 412);
  assert.equal(await patched(set, 'from c where ('), 400);
});

test('A patch keeps If-Match, gives a new ETag and names the operation it refuses', async () => {
  const { etag } = await container.items.create({ id: 'guarded', tenantId: 't' });
  const item = container.item('guarded', 't');
  const options = { accessCondition: { type: 'IfMatch', condition: etag } };
  const first = await item.patch([{ op: 'set', path: '/a', value: 1 }], options);
  assert.notEqual(first.etag, etag);
  assert.equal(await statusOf(item.patch([{ op: 'set', path: '/a', value: 2 }], options)), 412);
  assert.match(
    await messageOf(item.patch([{ op: 'move', path: '/b', from: '/a' } as never])),
    /'move' is not supported/,
  );
});
