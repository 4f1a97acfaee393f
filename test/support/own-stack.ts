import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { build } from '../../build.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { freePortBase } from './ports.ts';
import { testEnvironment } from './settings.ts';

export interface OwnStackOptions {
  /** Settings over those of the tests. */
  env?: Record<string, string>;
  /** One that the test made; it is then not removed. */
  dataDir?: string;
}

export interface OwnStack extends Stack {
  readonly dataDir: string;
  readonly portBase: number;
  /** What the stack logged so far. */
  readonly lines: readonly string[];
}

/**
 * A stack of the test's own, for tests that kill parts, restart them or need other settings; it ends with the test.
 * It costs about three seconds: share one among the cases of a file.
 */
export async function startOwnStack(t: TestContext, options: OwnStackOptions = {}): Promise<OwnStack> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'stack-')));
  const portBase = await freePortBase();
  const lines: string[] = [];
  let stack: Stack | undefined;
  // One hook for both: hooks run in the order of their registration, and the folder must outlive the stack.
  t.after(async () => {
    await stack?.stop();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  });
  stack = await startStack({
    portBase,
    dataDir,
    env: testEnvironment(options.env),
    log: (line) => lines.push(line),
    ...bundle(),
  });
  return { ...stack, dataDir, portBase, lines };
}

/** Under the runner the bundle is new already; parallel tests must not write it again. */
function bundle() {
  return process.env.TEST_STACK ? {} : { build };
}
