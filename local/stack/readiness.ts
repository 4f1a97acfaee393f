import { setTimeout as delay } from 'node:timers/promises';
import { isRunning } from './data-dir.ts';
import { StackError } from './error.ts';
import { takenPort } from './ports.ts';

const FORMER_STACK_MS = 20_000;
const HEALTHY_MS = 60_000;
const TOKEN_SECONDS = 24 * 60 * 60;

/**
 * Throws when a port is taken. While processes of a killed stack are still ending, their ports get the time for it.
 */
export async function requireFreePorts(
  ports: Parameters<typeof takenPort>[0],
  formerPids: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const endsAt = Date.now() + FORMER_STACK_MS;
  for (;;) {
    const taken = await takenPort(ports);
    if (taken === undefined) return;
    if (Date.now() > endsAt || !formerPids.some(isRunning))
      throw new StackError(
        `Port ${taken.port} (${taken.part}) is taken. Stop what uses it, or set LOCAL_PORT_BASE to the first of 40 free ports.`,
      );
    await delay(100, undefined, { signal });
  }
}

/** Waits until the application answers its health check. */
export async function untilHealthy(functionsUrl: string, signal: AbortSignal): Promise<void> {
  const endsAt = Date.now() + HEALTHY_MS;
  for (;;) {
    const answer = await health(functionsUrl, signal);
    if (answer === 'ok') return;
    if (Date.now() > endsAt)
      throw new StackError(`The application is not healthy after ${HEALTHY_MS / 1000} s: ${answer}`);
    await delay(50, undefined, { signal });
  }
}

async function health(functionsUrl: string, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(`${functionsUrl}/api/health`, { signal });
    return response.ok ? 'ok' : `${response.status} ${await response.text()}`;
  } catch (error) {
    signal.throwIfAborted();
    const { message, cause } = error as Error;
    return cause instanceof Error ? cause.message : message;
  }
}

/** A token that manages every tenant, for scripts and tests. */
export async function fetchDashboardToken(issuerUrl: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(`${issuerUrl}/token`, {
    method: 'POST',
    body: JSON.stringify({ roles: ['Confluence.Manage.All'], expiresInSeconds: TOKEN_SECONDS }),
    signal,
  });
  if (!response.ok) throw new StackError(`The issuer gave no dashboard token: ${response.status}`);
  return ((await response.json()) as { access_token: string }).access_token;
}
