import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Agent, fetch } from 'undici';
import { build } from '../build.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { freePortBase } from '../test/support/ports.ts';
import { testEnvironment } from '../test/support/settings.ts';

/** What the agent tool adds to Confluence's own time, and how much an agent has to read. */
export interface ToolRow {
  readonly what: string;
  readonly [measure: string]: string | number;
}

const TENANT = 'bench';
const AT_ONCE = 32;
const CALLS = 640;
/** Confluence's own time to answer, as the simulator is told to take it. */
const CONFLUENCE_MS = 250;
const PAGES = 10;

const pool = new Agent({ connections: 2 * AT_ONCE });

/** Runs the whole stack in processes of its own: functions host, Cosmos DB and Confluence over HTTP. */
export async function benchTool(): Promise<{ name: string; rows: ToolRow[] }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-tool-'));
  const stack = await startStack({
    portBase: await freePortBase(),
    dataDir,
    build,
    env: testEnvironment({
      AGENT_CALLS_PER_MINUTE: '1000000',
      AGENT_POINTS_PER_HOUR: '1000000',
      POINTS_PER_HOUR: '1000000',
      SYNC_SCHEDULE: '0 0 0 1 1 *',
    }),
  });
  try {
    const bench = await prepare(stack);
    return { name: 'tool', rows: [...(await overhead(bench)), ...(await answerSizes(bench))] };
  } finally {
    await stack.stop();
    await pool.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

interface Bench {
  readonly mcp: Client;
  /** CPU time of the functions host so far; NaN where `/proc` does not tell. */
  hostCpuMs(): number;
  simulator<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Straight to Confluence's API, with a token of the same account. */
  confluence<T>(path: string): Promise<T>;
  tool<T>(operation: string, args: object): Promise<T>;
}

async function prepare(stack: Stack): Promise<Bench> {
  const { atlassianUrl, functionsUrl, dashboardToken, pids } = stack.file();
  const simulator: Bench['simulator'] = (method, path, body) =>
    json(`${atlassianUrl}/_simulator/${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
  const dashboard = <T>(method: string, path: string, body?: unknown) =>
    json<T>(`${functionsUrl}/api/tenants/${TENANT}/${path}`, {
      method,
      headers: { authorization: `Bearer ${dashboardToken}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  await simulator('PATCH', 'switches', { quota: { pointsPerHour: 10_000_000 } });
  const { accounts } = await simulator<{ accounts: { accountId: string }[] }>('GET', 'accounts');
  const { sites } = await simulator<{ sites: { name: string; cloudId: string }[] }>('GET', 'sites');
  const accountId = accounts[0]?.accountId ?? '';
  const cloudId = sites.find(({ name }) => name === 'acme')?.cloudId ?? '';

  const { authorizeUrl } = await dashboard<{ authorizeUrl: string }>('POST', 'confluence/connect', {});
  const consent = { authorizeUrl, accountId, cloudIds: [cloudId], accept: true };
  const { location } = await simulator<{ location: string }>('POST', 'consent', consent);
  const page = await (await fetch(location)).text();
  const message = /<script type="application\/json" id="message">(.*?)<\/script>/s.exec(page)?.[1] ?? '{}';
  const { completion } = JSON.parse(message) as { completion: string };
  await dashboard('POST', 'confluence/connect/complete', { completion });
  await untilSynced(() => dashboard<{ runs: { state: string }[] }>('GET', 'confluence/runs'));

  await dashboard('PUT', 'agents/bench/confluence-tool', { profile: 'read_only' });
  const { key } = await dashboard<{ key: string }>('POST', 'agents/bench/confluence-tool/keys', {});
  const { access_token: token } = await simulator<{ access_token: string }>('POST', 'grants', {
    accountId,
    cloudIds: [cloudId],
  });
  const mcp = new Client({ name: 'bench', version: '1' });
  const headers = { authorization: `Bearer ${key}` };
  const transport = new StreamableHTTPClientTransport(new URL(`${functionsUrl}/api/confluence/mcp`), {
    requestInit: { headers },
  });
  // The SDK's own class does not fit its interface under exactOptionalPropertyTypes.
  await mcp.connect(transport as Parameters<Client['connect']>[0]);
  return {
    mcp,
    hostCpuMs: () => cpuMs(pids.functions),
    simulator,
    confluence: (path) =>
      json(`${atlassianUrl}/ex/confluence/${cloudId}${path}`, { headers: { authorization: `Bearer ${token}` } }),
    async tool<T>(operation: string, args: object) {
      const url = `${functionsUrl}/api/confluence/tool/${operation}`;
      return (await json<{ result: T }>(url, { method: 'POST', headers, body: JSON.stringify(args) })).result;
    },
  };
}

/** Direct and through the tool by turns, so that both meet the same machine. */
async function overhead({ simulator, confluence, tool, mcp, hostCpuMs }: Bench): Promise<ToolRow[]> {
  const { results } = await tool<{ results: { id: string }[] }>('confluence_search_index', { query: 'vpn', limit: 10 });
  const ids = results.map(({ id }) => id);
  const id = (call: number) => ids[call % ids.length] ?? '';
  const direct = (call: number) => confluence(`/wiki/api/v2/pages/${id(call)}?body-format=storage`);
  const search = '/wiki/rest/api/search?cql=text~vpn&limit=10';
  const cases: [string, (call: number) => Promise<unknown>, (call: number) => Promise<unknown>][] = [
    ['confluence_get_page', direct, (call) => tool('confluence_get_page', { pageId: id(call) })],
    [
      'confluence_get_page over MCP',
      direct,
      (call) => mcp.callTool({ name: 'confluence_get_page', arguments: { pageId: id(call) } }),
    ],
    ['confluence_search', () => confluence(search), () => tool('confluence_search', { query: 'vpn', limit: 10 })],
    [
      'confluence_search_index',
      async () => undefined,
      () => tool('confluence_search_index', { query: 'vpn', limit: 10 }),
    ],
  ];
  // The first calls load code, fill pools and fetch names.
  for (const [, , call] of cases) await atOnce(AT_ONCE, call);
  await delay(2_000);
  await simulator('PUT', 'latency', { fixedMs: CONFLUENCE_MS });
  const rows: ToolRow[] = [];
  for (const [what, without, withTool] of cases) {
    const directMs: number[] = [];
    const toolMs: number[] = [];
    let cpu = 0;
    for (let round = 0; round < 4; round++) {
      directMs.push(...(await atOnce(CALLS / 4, without)));
      const before = hostCpuMs();
      toolMs.push(...(await atOnce(CALLS / 4, withTool)));
      cpu += hostCpuMs() - before;
    }
    const added = (share: number) => round1(percentile(toolMs, share) - percentile(directMs, share));
    rows.push({
      what,
      calls: CALLS,
      atOnce: AT_ONCE,
      directP50Ms: round1(percentile(directMs, 0.5)),
      toolP50Ms: round1(percentile(toolMs, 0.5)),
      addedP50Ms: added(0.5),
      addedP99Ms: added(0.99),
      // What a busy machine does not change much, unlike the times above.
      hostCpuMsPerCall: round1(cpu / CALLS),
    });
  }
  await simulator('PUT', 'latency', {});
  return rows;
}

/** Characters of ten pages as Confluence's API gives them, and as the tool does, metadata included on both sides. */
async function answerSizes({ confluence, tool }: Bench): Promise<ToolRow[]> {
  interface Listed {
    readonly results: { id: string; title: string; body: { storage: { value: string } } }[];
  }
  const { results } = await confluence<Listed>('/wiki/api/v2/pages?body-format=storage&status=current&limit=250');
  // Ten from the middle of the sizes: neither stubs nor monsters.
  const bySize = results.sort((a, b) => a.body.storage.value.length - b.body.storage.value.length);
  const start = Math.floor((bySize.length - PAGES) / 2);
  const rows = await Promise.all(
    bySize.slice(start, start + PAGES).map(async ({ id, title, body }): Promise<ToolRow> => {
      const raw = await confluence(`/wiki/api/v2/pages/${id}?body-format=storage`);
      const answer = await tool<{ body: string }>('confluence_get_page', { pageId: id });
      return {
        what: title,
        storageChars: body.storage.value.length,
        markdownChars: answer.body.length,
        apiAnswerChars: JSON.stringify(raw).length,
        toolAnswerChars: JSON.stringify(answer).length,
      };
    }),
  );
  const sum = (measure: string) => rows.reduce((total, row) => total + Number(row[measure]), 0);
  const measures = ['storageChars', 'markdownChars', 'apiAnswerChars', 'toolAnswerChars'];
  return [...rows, { what: 'ten typical pages', ...Object.fromEntries(measures.map((name) => [name, sum(name)])) }];
}

/** Runs calls, 32 at once, and gives how long each took. */
async function atOnce(calls: number, call: (number: number) => Promise<unknown>): Promise<number[]> {
  const tookMs: number[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < calls) {
        const number = next++;
        const startedAt = performance.now();
        await call(number);
        tookMs.push(performance.now() - startedAt);
      }
    }),
  );
  return tookMs;
}

/** User and system time of a process in ticks of 10 ms, from Linux. */
function cpuMs(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

async function untilSynced(runs: () => Promise<{ runs: { state: string }[] }>): Promise<void> {
  for (const endsAt = Date.now() + 60_000; Date.now() < endsAt; await delay(200)) {
    if ((await runs()).runs[0]?.state === 'succeeded') return;
  }
  throw new Error('the first sync did not succeed within a minute');
}

async function json<T>(url: string, init: Parameters<typeof fetch>[1]): Promise<T> {
  const response = await fetch(url, { dispatcher: pool, ...init });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text === '' ? 'null' : text) as T;
}

function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

if (import.meta.main) {
  const { rows } = await benchTool();
  console.table(rows.filter((row) => 'calls' in row));
  console.table(rows.filter((row) => !('calls' in row)));
}
