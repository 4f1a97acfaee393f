import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from '../build.ts';
import { StackError } from '../local/stack/error.ts';
import { LOCALHOST_LOOKUP } from '../local/stack/parts.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { freePortBase } from './support/ports.ts';
import { testEnvironment } from './support/settings.ts';

/** `npm test [files or globs]`: starts one stack for all tests, runs them with `node --test`, and stops it. */

const HANG_MS = 10 * 60_000;
const CONCURRENCY = 3;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());

async function main(): Promise<number> {
  const files = testFiles(process.argv.slice(2));
  if (files.length === 0) return fail(`No test file matches ${process.argv.slice(2).join(' ')}`);
  const dataDir = await mkdtemp(join(tmpdir(), 'test-stack-'));
  let death: string | undefined;
  try {
    const stack = await startTestStack(dataDir);
    const code = (await runTests(files, stack)) || (await writesSeen(stack));
    await stack.stop();
    death = await stack.ended;
    return code;
  } finally {
    // The line that says which part died names its log.
    if (death === undefined) await rm(dataDir, { recursive: true, force: true });
  }
}

function testFiles(patterns: string[]): string[] {
  const given = patterns.length > 0 ? patterns : [join(import.meta.dirname, '**/*.test.ts')];
  return globSync(given).map((file) => resolve(file));
}

async function startTestStack(dataDir: string): Promise<Stack> {
  return startStack({
    portBase: await freePortBase(),
    dataDir,
    env: testEnvironment(),
    build,
    log: (line) => console.error(`# ${line}`),
    signal: stopping.signal,
  });
}

/** Runs the files in processes of their own; the exit code is node's. Ends them when the stack dies or time is up. */
async function runTests(files: string[], stack: Stack): Promise<number> {
  const tests = spawn(process.execPath, [...testOptions(), ...files], {
    cwd: join(import.meta.dirname, '..'),
    stdio: 'inherit',
    env: { ...process.env, TEST_STACK: stack.filePath, NODE_EXTRA_CA_CERTS: stack.file().keyVaultCertificate },
    // With a group of its own, whatever the tests have started can be ended with them.
    detached: true,
  });
  let reason: string | undefined;
  const end = (why: string) => {
    reason ??= why;
    endGroup(tests.pid);
  };
  const hang = setTimeout(() => end(`The tests did not end within ${HANG_MS / 60_000} minutes.`), HANG_MS);
  stopping.signal.addEventListener('abort', () => end('Interrupted.'));
  void stack.ended.then((death) => death !== undefined && end(death));
  const [code] = (await once(tests, 'close')) as [number | null];
  clearTimeout(hang);
  return reason === undefined ? (code ?? 1) : fail(reason);
}

/** Whatever the tests did: nothing but reads may have reached Confluence. 1 when something else did. */
async function writesSeen(stack: Stack): Promise<number> {
  const response = await fetch(`${stack.file().atlassianUrl}/_simulator/stats`);
  const { writes, requests } = (await response.json()) as { writes: number; requests: number };
  console.log(`${requests} requests reached Confluence, ${writes} of them writes.`);
  return writes === 0
    ? 0
    : fail("Something other than a read was sent to Confluence; see the simulator's request log.");
}

function testOptions(): string[] {
  return [
    '--import',
    LOCALHOST_LOOKUP,
    '--test',
    `--test-concurrency=${CONCURRENCY}`,
    '--test-reporter=spec',
    '--test-timeout=120000',
  ];
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function fail(message: string): number {
  console.error(message);
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  const { message, stack } = error as Error;
  process.exitCode = fail(
    stopping.signal.aborted ? 'Interrupted.' : error instanceof StackError ? message : `${stack}`,
  );
}
