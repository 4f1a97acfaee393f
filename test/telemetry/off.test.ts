import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const PROGRAM = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load: (url, context, next) => { if (url.includes('opentelemetry')) loaded.push(url); return next(url, context); } });
const { traced, outgoingTraceparent } = await import('./shared/platform/telemetry.ts');
const result = await traced({ name: 'f', trigger: 'http', invocationId: '1' }, async () => outgoingTraceparent() ?? 'none');
console.log(JSON.stringify({ result, loaded: loaded.length }));
process.exit();
`;

function run(env: Record<string, string>): { result: string; loaded: number } {
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: `${import.meta.dirname}/../..`,
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}

test('without an exporter nothing of OpenTelemetry is loaded', () => {
  assert.deepEqual(run({}), { result: 'none', loaded: 0 });
});

test('with an exporter an invocation has a trace', () => {
  const { result, loaded } = run({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  assert.match(result, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.ok(loaded > 0);
});

test('a bad telemetry setting leaves the application running without telemetry', () => {
  assert.equal(
    run({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', TELEMETRY_SAMPLE_RATIO: 'many' }).result,
    'none',
  );
});
