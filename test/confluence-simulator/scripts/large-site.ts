/**
 * Creates a large site in a simulator process of its own, lists it with bodies as a sync would, and prints speed and
 * memory of that process. Not a test: `node test/confluence-simulator/scripts/large-site.ts [pages]`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MAIN_ACCOUNT } from '../../../local/confluence/content/site-setup.ts';

const pages = Number(process.argv[2] ?? 200_000);
const dataDir = mkdtempSync(join(tmpdir(), 'large-site-'));
const main = fileURLToPath(new URL('../../../local/confluence/main.ts', import.meta.url));
const child = spawn(process.execPath, [main, '--data-dir', dataDir, '--no-demo'], {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
const [{ ready: url }] = (await once(child, 'message')) as [{ ready: string }];

try {
  const startedAt = performance.now();
  const { cloudId } = await post<{ cloudId: string }>('/_simulator/sites', {
    ...{ name: 'large', pages, spaces: 150, labels: 200, attachments: 20_000, users: 2_000, bodyBytes: 4_000 },
  });
  report('created', startedAt);
  const tokens = await post<{ access_token: string }>('/_simulator/grants', {
    accountId: MAIN_ACCOUNT,
    cloudIds: [cloudId],
  });
  await call('PATCH', '/_simulator/switches', { quota: { pointsPerHour: 10_000_000 } });
  for (const query of ['sort=id&body-format=storage', 'sort=id', 'sort=-modified-date']) {
    await list(
      `/ex/confluence/${cloudId}/wiki/api/v2/pages?limit=250&status=current&${query}`,
      tokens.access_token,
      query,
    );
  }
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
  rmSync(dataDir, { recursive: true, force: true });
}

async function list(path: string, token: string, name: string): Promise<void> {
  const startedAt = performance.now();
  let listed = 0;
  let bytes = 0;
  for (let next: string | undefined = path; next; ) {
    const response = await fetch(`${url}${next}`, { headers: { authorization: `Bearer ${token}` } });
    const text = await response.text();
    const answer = JSON.parse(text) as { results: object[]; _links: { next?: string } };
    listed += answer.results.length;
    bytes += text.length;
    const prefix = path.slice(0, path.indexOf('/wiki'));
    next = answer._links.next && prefix + answer._links.next;
    if (listed % 50_000 === 0) report(`${name}: ${listed}`, startedAt);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`${name}: ${listed} pages, ${Math.round(bytes / 1e6)} MB, ${Math.round(listed / seconds)} pages/s`);
}

function report(what: string, startedAt: number): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${what}: ${seconds} s, simulator uses ${memoryMb()} MB`);
}

/** Resident memory of the simulator's process; Linux only. */
function memoryMb(): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

async function post<Shape>(path: string, body: object): Promise<Shape> {
  return (await call('POST', path, body)).json() as Promise<Shape>;
}

function call(method: string, path: string, body: object): Promise<Response> {
  return fetch(`${url}${path}`, { method, body: JSON.stringify(body) });
}
