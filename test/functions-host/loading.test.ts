import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { build } from 'esbuild';
import { failingHost, startHost, writeApp } from './fixture.ts';

const SOURCE = `
import { app } from '@azure/functions';
app.http('hello', { methods: ['GET'], authLevel: 'anonymous', route: 'hello/{name}',
  handler: async (request, context) => ({ body: 'hello ' + request.params.name + ' from ' + context.functionName }) });
`;
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

describe('loading an app', () => {
  for (const library of ['inside', 'beside'] as const) {
    it(`runs an ES module bundle with the library ${library} it`, async (t) => {
      const hostJson = { extensions: { http: { routePrefix: '' } } };
      const appDir = writeApp(t, { source: SOURCE, main: 'dist/app.js', hostJson });
      const file = join(appDir, 'dist/app.js');
      await build({
        entryPoints: [file],
        outfile: file,
        allowOverwrite: true,
        bundle: true,
        minify: true,
        platform: 'node',
        format: 'esm',
        external: ['@azure/functions-core', ...(library === 'beside' ? ['@azure/functions'] : [])],
        banner: library === 'inside' ? { js: REQUIRE } : {},
      });
      const host = await startHost(t, appDir, {});
      assert.equal(await (await fetch(`${host.url}/hello/neo`)).text(), 'hello neo from hello');
      assert.match(host.output(), /loaded 1 functions in \d+ ms/);
    });
  }

  const refused: [string, { source: string; localSettings?: object; hostJson?: object }, RegExp][] = [
    [
      'a main file that throws, with the place',
      { source: `const port: number = 1;\nthrow new TypeError('no port ' + port);` },
      /^functions host: app\.ts failed to load, so no function runs: TypeError: no port 1 \(.*app\.ts:2:7\)\n$/,
    ],
    ['a main file that registers nothing', { source: 'export {};' }, /app\.ts registered no function/],
    [
      'local settings that are encrypted',
      { source: SOURCE, localSettings: { IsEncrypted: true } },
      /local\.settings\.json: .*encrypted settings are not supported/s,
    ],
    [
      'a queue setting that it does not know',
      { source: SOURCE, hostJson: { extensions: { queues: { batchsize: 3 } } } },
      /host\.json: .*batchsize/s,
    ],
  ];
  for (const [what, files, expected] of refused) {
    it(`exits with 1 and one clear message for ${what}`, async (t) => {
      const { code, output } = await failingHost(writeApp(t, files));
      assert.match(output, expected);
      assert.equal(code, 1);
    });
  }
});
