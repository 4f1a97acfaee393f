import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { loadCertificate } from '../../local/key-vault/certificate.ts';
import { startOidcIssuer } from '../../local/oidc-issuer/server.ts';
import { temporaryFolder } from '../support/folders.ts';

interface Envelope {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly data: {
    readonly baseData: {
      readonly name?: string;
      readonly success?: boolean;
      readonly properties?: Readonly<Record<string, string>>;
      readonly metrics?: readonly { readonly name: string }[];
    };
  };
}

const PROGRAM = `
import http from 'node:http';
const { traced, observed, flushTelemetry } = await import('./shared/platform/telemetry.ts');
const refuses = http.createServer((request, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
await new Promise((resolve) => refuses.once('listening', resolve));
process.env.COSMOS_ENDPOINT = 'http://127.0.0.1:' + refuses.address().port;
const log = observed({ debug() {}, info() {}, warn() {}, error() {} });
await traced({ name: 'sync-worker', trigger: 'queue', invocationId: '1', hostTraceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00', attributes: { kind: 'delta', tenantId: 'acme' } }, async () => {
  await new Promise((resolve) => http.get(process.env.COSMOS_ENDPOINT + '/dbs/confluence', (answer) => answer.resume().on('end', resolve)));
  log.info('run_failed', { tenantId: 'acme', mode: 'full', trigger: 'schedule', code: 'internal_error' });
});
await flushTelemetry();
process.exit();
`;

test('Application Insights gets the telemetry with an Entra token, in the form that alerts and workbook query', async (t) => {
  const folder = await temporaryFolder(t);
  const { key, cert, certificatePath } = await loadCertificate(folder);
  const issuer = await startOidcIssuer({ port: 0, dataDir: folder, audience: 'none', identityHeader: 'header' });
  t.after(() => issuer.close());
  const envelopes: Envelope[] = [];
  const authorizations = new Set<string | undefined>();
  const ingestion = createServer({ key, cert }, async (request, response) => {
    authorizations.add(request.headers.authorization);
    const items = await readItems(request);
    envelopes.push(...items);
    const answer = { itemsReceived: items.length, itemsAccepted: items.length, errors: [] };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => ingestion.listen(0, '127.0.0.1', resolve));
  t.after(() => ingestion.close());
  const endpoint = `https://127.0.0.1:${(ingestion.address() as AddressInfo).port}/`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: `${import.meta.dirname}/../..`,
    env: {
      PATH: process.env.PATH,
      NODE_EXTRA_CA_CERTS: certificatePath,
      IDENTITY_ENDPOINT: issuer.identityEndpoint,
      IDENTITY_HEADER: 'header',
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=${endpoint}`,
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=00000000-0000-0000-0000-000000000001;Authorization=AAD',
      APPLICATIONINSIGHTS_STATSBEAT_DISABLED: 'true',
      TELEMETRY_SAMPLE_RATIO: '0',
    },
  });

  assert.ok(authorizations.size > 0);
  for (const authorization of authorizations) assert.match(authorization ?? '', /^Bearer eyJ/);
  const dependency = envelopes.find(({ data }) => data.baseData.name === 'GET cosmosdb /dbs/confluence');
  assert.equal(dependency?.data.baseData.success, false);
  assert.equal(dependency.data.baseData.properties?.['confluence.system'], 'cosmosdb', 'the alert asks for the system');
  const request = envelopes.find(({ data }) => data.baseData.name === 'sync-worker');
  assert.equal(request?.data.baseData.properties?.tenantId, 'acme');
  assert.equal(request.tags['ai.operation.id'], dependency.tags['ai.operation.id'], 'one operation');
  assert.equal(request.tags['ai.operation.name'], 'sync-worker');
  assert.equal(request.tags['ai.cloud.role'], 'confluence-for-neo');
  const metrics = envelopes.flatMap(({ data }) => data.baseData.metrics ?? []).map(({ name }) => name);
  assert.ok(metrics.includes('confluence.runs'), metrics.join(', '));
});

async function readItems(request: IncomingMessage): Promise<Envelope[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
  return text.startsWith('[') ? JSON.parse(text) : text.split('\n').flatMap((line) => (line ? [JSON.parse(line)] : []));
}
