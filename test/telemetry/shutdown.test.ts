import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startHost, writeApp } from '../functions-host/fixture.ts';
import { startCollector } from './collector.ts';

const TELEMETRY = join(import.meta.dirname, '../../shared/platform/telemetry.ts');
const HOUR_MS = '3600000';

test('a host that ends exports what it still holds', async (t) => {
  const collector = await startCollector();
  t.after(() => collector.close());
  const dir = writeApp(t, {
    source: `
      import { app } from '@azure/functions';
      import { invocationOf, traced } from ${JSON.stringify(TELEMETRY)};
      app.http('hello', {
        methods: ['GET'],
        authLevel: 'anonymous',
        handler: (request, context) => traced(invocationOf(context, 'http'), async () => ({ status: 204 })),
      });
    `,
  });
  const host = await startHost(t, dir, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    TELEMETRY_SAMPLE_RATIO: '1',
    TELEMETRY_TRACE_DELAY_MS: HOUR_MS,
  });
  assert.equal((await fetch(`${host.url}/api/hello`)).status, 204);
  assert.deepEqual(collector.spans, []);
  await host.stop();
  assert.deepEqual(
    collector.spans.map(({ name }) => name),
    ['hello'],
  );
});
