import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';

/** A measured part: its rows as they stand in the table. */
interface BenchPart {
  readonly name: string;
  readonly rows: readonly object[];
}

/** Every part, by the name that chooses it on the command line. Loaded one by one: each starts what it needs. */
const PARTS: Record<string, () => Promise<() => Promise<BenchPart>>> = {
  content: async () => (await import('./content.ts')).benchContent,
  tool: async () => (await import('./tool.ts')).benchTool,
  search: async () => (await import('./search.ts')).benchSearch,
  startup: async () => (await import('./startup.ts')).benchStartup,
  sync: async () => (await import('./sync.ts')).benchSync,
  quota: async () => (await import('./quota-simulation.ts')).benchQuota,
};

/**
 * `npm run bench [-- PART …] [-- --json]`: measures and prints a table a part, or one JSON document. What the figures
 * are compared with stands in docs/performance.md.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
  const unknown = positionals.filter((name) => !(name in PARTS));
  if (unknown.length > 0) {
    console.error(`No such part: ${unknown.join(', ')}. There are ${Object.keys(PARTS).join(', ')}.`);
    process.exit(1);
  }
  installRivals();
  const results: BenchPart[] = [];
  for (const [name, load] of Object.entries(PARTS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const measure = await load();
    const result = await measure();
    results.push(result);
    if (values.json) continue;
    console.log(`\n${result.name}`);
    console.table(result.rows);
  }
  if (values.json)
    console.log(JSON.stringify({ machine: machine(), measuredAt: new Date().toISOString(), results }, null, 2));
  else console.log(`\nMeasured on ${machine()}.`);
}

/** What the product is compared with has a package.json of its own, so that it never comes with the product. */
function installRivals(): void {
  const folder = import.meta.dirname;
  if (existsSync(`${folder}/node_modules/.package-lock.json`)) return;
  const { status } = spawnSync('npm', ['ci', '--prefix', folder], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function machine(): string {
  const [cpu] = cpus();
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  return `${cpus().length} cores (${cpu?.model ?? 'unknown'}), ${gib} GiB, Node ${process.version}`;
}

await main();
