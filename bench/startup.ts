import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from '../build.ts';
import { startFreshHost } from './startup-host.ts';
import { type StartupWorld, startStartupWorld } from './startup-world.ts';

/** One figure of how long a fresh process takes until it is of use. */
export interface StartupRow {
  readonly what: string;
  readonly median: number;
  readonly worst?: number;
  readonly unit: 'ms' | 'KB';
  readonly target?: string;
}

const ROOT = join(import.meta.dirname, '..');
const LOADS = 10;
const FIRST_CALLS = 5;

/** Every figure comes from a process of its own, so that nothing is warm but the file system. */
export async function benchStartup(): Promise<{ name: string; rows: StartupRow[] }> {
  await build();
  const folder = mkdtempSync(join(tmpdir(), 'bench-startup-'));
  const world = await startStartupWorld(join(folder, 'data'));
  try {
    return {
      name: 'startup',
      rows: [
        ...loadTimes(folder),
        ...sizes(),
        await firstRequests(world, 'first tool call, telemetry on', toolRequest),
        await firstRequests(world, 'first MCP call, telemetry on', mcpRequest),
        await firstMessages(world),
      ],
    };
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const LOAD_PROGRAM = `
const { loadApp } = await import(${JSON.stringify(join(ROOT, 'local/functions-host/load-app.ts'))});
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
const functions = await loadApp(process.argv[1]);
const { user, system } = process.cpuUsage(cpuBefore);
console.log(JSON.stringify({ functions: functions.length, ms: performance.now() - startedAt, cpuMs: (user + system) / 1000 }));
process.exit();
`;

function loadTimes(folder: string): StartupRow[] {
  // The sources as one module: what the bundle is made of, resolved file by file.
  const functions = readdirSync(join(ROOT, 'functions')).filter((file) => file.endsWith('.ts'));
  const imports = functions.map((file) => `import ${JSON.stringify(join(ROOT, 'functions', file))};`);
  writeFileSync(join(folder, 'all.ts'), imports.join('\n'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', main: 'all.ts' }));
  return [...medianLoad('bundle', ROOT, '≤ 150'), ...medianLoad('sources', folder)];
}

function medianLoad(what: string, app: string, target?: string): StartupRow[] {
  const loads = Array.from({ length: LOADS }, () => {
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', LOAD_PROGRAM, app], {
      encoding: 'utf8',
    });
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as { functions: number; ms: number; cpuMs: number };
  });
  const title = `load all ${loads[0]?.functions} functions, ${what}`;
  const times = loads.map(({ ms }) => ms);
  return [
    { what: title, ...figures(times), unit: 'ms', ...(target === undefined ? {} : { target }) },
    { what: `${title}, CPU time`, ...figures(loads.map(({ cpuMs }) => cpuMs)), unit: 'ms' },
  ];
}

function sizes(): StartupRow[] {
  const files = ['functions.js', ...readdirSync(join(ROOT, 'dist/chunks')).map((name) => `chunks/${name}`)]
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(ROOT, 'dist', name));
  const size = (what: string, bytes: number): StartupRow => ({ what, median: Math.round(bytes / 1024), unit: 'KB' });
  const all = files.map((file) => readFileSync(file));
  return [
    size('bundle, what is loaded at once', all[0]?.length ?? 0),
    size(
      'bundle, all',
      all.reduce((sum, content) => sum + content.length, 0),
    ),
    size(
      'bundle, all, zipped',
      all.reduce((sum, content) => sum + gzipSync(content).length, 0),
    ),
  ];
}

type FirstRequest = (world: StartupWorld, url: string) => Promise<Response>;

const toolRequest: FirstRequest = ({ agentKey, pageId }, url) =>
  post(`${url}/api/confluence/tool/confluence_get_page`, agentKey, { pageId });

const mcpRequest: FirstRequest = ({ agentKey, pageId }, url) =>
  post(`${url}/api/confluence/mcp`, agentKey, {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'confluence_get_page', arguments: { pageId } },
  });

function post(url: string, key: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify(body),
  });
}

/** The first request of a fresh host: clients, tokens and telemetry are all made while the caller waits. */
async function firstRequests(world: StartupWorld, what: string, request: FirstRequest): Promise<StartupRow> {
  const times: number[] = [];
  for (let round = 0; round < FIRST_CALLS; round += 1) {
    const host = await startFreshHost(world.quietEnv);
    const startedAt = performance.now();
    const response = await request(world, host.url);
    const text = await response.text();
    times.push(performance.now() - startedAt);
    if (response.status !== 200 || text.includes('"isError":true'))
      throw new Error(`${what}: ${response.status} ${text}`);
    await host.stop();
  }
  return { what, ...figures(times), unit: 'ms', target: '≤ 400' };
}

/** The first message of a fresh host is a delta that another host's timer has sent. */
async function firstMessages(world: StartupWorld): Promise<StartupRow> {
  const times: number[] = [];
  for (let round = 0; round < FIRST_CALLS; round += 1) {
    const scheduler = await startFreshHost(world.schedulingEnv);
    await world.untilMessageSent();
    await scheduler.stop();
    const host = await startFreshHost(world.receivingEnv);
    times.push(await host.firstMessageMs());
    await host.stop();
  }
  return { what: 'first queue message, telemetry on', ...figures(times), unit: 'ms', target: '≤ 400' };
}

function figures(values: readonly number[]): { median: number; worst: number } {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0), worst: Math.round(sorted.at(-1) ?? 0) };
}

if (import.meta.main) {
  const { rows } = await benchStartup();
  console.table(rows);
}
