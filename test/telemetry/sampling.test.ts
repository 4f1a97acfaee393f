import assert from 'node:assert/strict';
import { test } from 'node:test';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { ErrorKeepingProcessor, isChosen } from '../../shared/platform/telemetry-sampling.ts';

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

test('an invocation without an error is dropped when its trace is not chosen', () => {
  const { names } = exportedOf({ ratio: 0, failing: false });
  assert.deepEqual(names, []);
});

test('an invocation with an error anywhere in it is exported whole, whatever the ratio', () => {
  const { names } = exportedOf({ ratio: 0, failing: true });
  assert.deepEqual(names, ['first', 'second', 'invocation']);
});

test('what is exported by chance says so, what is exported for its error counts as one', () => {
  const chosen = exportedOf({ ratio: 1, failing: false });
  assert.deepEqual(chosen.rates, [undefined, undefined, undefined]);
  const traceId = '0'.repeat(32).replace(/.$/, '1');
  const rare = exportedOf({ ratio: 0.25, failing: false, traceId });
  assert.deepEqual(rare.rates, [25, 25, 25]);
});

test('every process decides the same way about a trace, in proportion to the ratio', () => {
  const ids = Array.from({ length: 2000 }, () => crypto.randomUUID().replaceAll('-', ''));
  const chosen = ids.filter((id) => isChosen(id, 0.2));
  assert.ok(chosen.length > 300 && chosen.length < 500, `${chosen.length} of 2000`);
  assert.ok(
    chosen.every((id) => isChosen(id, 0.5)),
    'a larger ratio keeps what a smaller one keeps',
  );
});

function exportedOf({ ratio, failing, traceId }: { ratio: number; failing: boolean; traceId?: string }) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [new ErrorKeepingProcessor(new SimpleSpanProcessor(exporter), ratio)],
  });
  const tracer = provider.getTracer('test');
  const remote = traceId ? { traceId, spanId: '00000000000000aa', traceFlags: 1, isRemote: true } : undefined;
  const parent = remote ? trace.setSpanContext(context.active(), remote) : context.active();
  const root = tracer.startSpan('invocation', {}, parent);
  const inside = trace.setSpan(parent, root);
  tracer.startSpan('first', {}, inside).end();
  const second = tracer.startSpan('second', {}, inside);
  if (failing) second.setStatus({ code: SpanStatusCode.ERROR });
  second.end();
  root.end();
  const spans = exporter.getFinishedSpans();
  return {
    names: spans.map(({ name }) => name),
    rates: spans.map(({ attributes }) => attributes['microsoft.sample_rate']),
  };
}
