import { join } from 'node:path';
import process from 'node:process';
import { StackError } from './stack/error.ts';
import { DEFAULT_PORT_BASE } from './stack/ports.ts';
import { type Stack, startStack } from './stack.ts';

/**
 * `npm start`: builds the application and runs it with everything it needs on this machine.
 *
 * LOCAL_PORT_BASE moves the ports and LOCAL_DATA_DIR the data; every setting of the application may stand in the
 * environment or in local.settings.json. LOCAL_SKIP_BUILD=1 runs the bundle that is there.
 */

const PROJECT = join(import.meta.dirname, '..');

async function main(): Promise<void> {
  const { env } = process;
  const stopping = stopOnSignals();
  try {
    const stack = await startStack({
      portBase: Number(env.LOCAL_PORT_BASE || DEFAULT_PORT_BASE),
      dataDir: env.LOCAL_DATA_DIR || join(PROJECT, '.local'),
      settingsFile: join(PROJECT, 'local.settings.json'),
      ...(env.LOCAL_SKIP_BUILD === '1' ? {} : { build }),
      log: (line) => console.log(line),
      signal: stopping,
    });
    console.log(welcome(stack));
    const death = await stack.ended;
    if (death !== undefined) fail(death);
  } catch (error) {
    if (stopping.aborted) return;
    fail(error instanceof StackError ? error.message : ((error as Error).stack ?? String(error)));
  }
}

/** Aborts at the first signal; the second one, from somebody who does not want to wait, ends the process at once. */
function stopOnSignals(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      // The parts see their channel close and end by themselves.
      if (stopping.signal.aborted) process.exit(1);
      console.log('\nStopping …');
      stopping.abort();
    });
  return stopping.signal;
}

async function build(): Promise<void> {
  await (await import('../build.ts')).build();
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

function welcome({ file, filePath, atlassian }: Stack): string {
  const { dashboardUrl, functionsUrl, atlassianUrl, issuerUrl, keyVaultUrl, cosmosUrl, queueUrl } = file();
  const confluence = {
    simulator: `${atlassianUrl}  (simulator)`,
    given: `${atlassianUrl}  (as set in the environment)`,
    real: `Atlassian itself; its app must name the callback ${functionsUrl}/api/confluence/callback`,
  }[atlassian];
  return `
Confluence for Neo is running.

  Dashboard    ${dashboardUrl}  (open it and click Connect on the Confluence tile)

  Functions    ${functionsUrl}/api/health
  Confluence   ${confluence}
  Issuer       ${issuerUrl}
  Key Vault    ${keyVaultUrl}
  Cosmos DB    ${cosmosUrl}
  Queues       ${queueUrl}

  Addresses and a token for scripts are in ${filePath}, logs in logs/ next to it.
  Data stays there for the next start. Stop with Ctrl-C.
`;
}

await main();
