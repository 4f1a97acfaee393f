import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startOwnStack } from '../support/own-stack.ts';
import { eventually, newTenantId, testStack } from '../support/stack.ts';
import { type CollectedSpan, type Collector, startCollector } from './collector.ts';
import { connectAndSync } from './connect-and-sync.ts';

const CONSUMER = 5;
test('the local host exports what it does to a collector', async (t) => {
  const collector = await startCollector();
  t.after(() => collector.close());
  const dataDir = await mkdtemp(join(tmpdir(), 'telemetry-'));
  const own = await startOwnStack(t, {
    dataDir,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      TELEMETRY_SAMPLE_RATIO: '1',
      TELEMETRY_TRACE_DELAY_MS: '100',
      TELEMETRY_METRIC_INTERVAL_MS: '500',
    },
  });
  t.after(async () => {
    await own.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  const stack = testStack(own.file());

  await t.test('a connect and its first sync are one connected trace across the queue', async () => {
    const tenantId = newTenantId();
    await connectAndSync(stack, tenantId);
    const trace = await eventually(() => {
      const completed = collector.spans.find(
        (span) =>
          span.name === 'connect-complete' && sameTrace(collector, span).some(({ name }) => name === 'sync-now-worker'),
      );
      assert.ok(completed, 'no trace holds the call and the worker');
      const spans = sameTrace(collector, completed);
      assert.ok(spans.some(({ events }) => events.includes('run_succeeded')));
      return { completed, spans };
    });

    const ids = new Set(trace.spans.map(({ spanId }) => spanId));
    const roots = trace.spans.filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId));
    assert.deepEqual(
      roots.map(({ name }) => name),
      ['connect-complete'],
      'every other span has its parent in the trace',
    );
    assert.deepEqual(
      trace.spans.filter(({ failed }) => failed).map(({ name }) => name),
      [],
      'nothing failed',
    );
    const workers = trace.spans.filter(({ name }) => name === 'sync-now-worker');
    assert.ok(workers.every(({ kind }) => kind === CONSUMER));
    assert.ok(workers.some(({ attributes }) => attributes.kind === 'run' && attributes.tenantId === tenantId));
    for (const system of ['cosmosdb', 'keyvault', 'queues', 'atlassian-api']) {
      assert.ok(
        trace.spans.some(({ attributes }) => attributes['confluence.system'] === system),
        `no span of ${system}`,
      );
    }
    const listing = trace.spans.find(({ name }) => name === 'GET atlassian-api /ex/confluence/{id}/wiki/api/v2/pages');
    assert.equal(listing?.attributes['http.response.status_code'], 200);
    const read = trace.spans.find(({ name }) => name.endsWith('cosmosdb /dbs/confluence/colls/control/docs/{id}'));
    assert.ok(Number(read?.attributes['azure.cosmosdb.operation.request_charge']) > 0);
  });

  await t.test('a timer begins a trace of its own and so does every message that it sends', async () => {
    await eventually(() => {
      const timer = collector.spans.find(({ name }) => name === 'sync-timer');
      assert.ok(timer);
      assert.ok(sameTrace(collector, timer).every(({ kind }) => kind !== CONSUMER));
    });
  });

  await t.test(
    'metrics for the workbook arrive: runs, changes of connections, points left, request units',
    async () => {
      await connectAndSync(stack, newTenantId());
      await eventually(() => {
        const find = (name: string) => collector.metrics.filter((metric) => metric.name === name);
        assert.ok(find('confluence.runs').some(({ attributes }) => attributes.outcome === 'succeeded'));
        assert.ok(find('confluence.connection.changes').some(({ attributes }) => attributes.to === 'connected'));
        assert.ok(find('confluence.cosmos.request_units').some(({ attributes }) => attributes.container === 'pages'));
        assert.ok(find('confluence.quota.remaining_ratio').every(({ value }) => value > 0 && value <= 1));
        assert.ok(find('confluence.dependency.duration').some(({ attributes }) => attributes.system === 'keyvault'));
      });
    },
  );

  await t.test('a request that fails is marked as failed', async () => {
    const response = await stack.dashboard('/api/tenants/nobody/confluence/search?q=x');
    assert.equal(response.status, 409);
    const span = await eventually(() => {
      const found = collector.spans.find(({ name }) => name === 'search-get');
      assert.ok(found);
      return found;
    });
    assert.equal(span.attributes['http.response.status_code'], 409);
    assert.equal(span.failed, false, 'a refusal is an answer, not a failure');
  });

  await t.test('nothing secret leaves with telemetry', async () => {
    const tenantId = newTenantId();
    await connectAndSync(stack, tenantId);
    await eventually(() => assert.ok(collector.bodies.some((body) => body.includes(tenantId))));
    for (const body of collector.bodies) {
      for (const secret of [stack.dashboardToken, 'local-secret', 'Bearer ', 'code=', 'state=', 'trace@acme.example']) {
        assert.ok(!body.includes(secret), `an export holds ${secret.slice(0, 12)}`);
      }
      assert.doesNotMatch(body, /eyJ[A-Za-z0-9_-]{10,}/, 'a token');
      assert.doesNotMatch(body, /https?:\/\/[^"]*\?/, 'a query');
    }
  });
});

function sameTrace(collector: Collector, { traceId }: CollectedSpan): CollectedSpan[] {
  return collector.spans.filter((span) => span.traceId === traceId);
}
