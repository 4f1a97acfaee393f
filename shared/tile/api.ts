import type { Agent, AgentAccess, Connection, NewKey, Run, SearchHit, Space } from './api-types.ts';

/** An answer that is not what was asked for, or none. `detail` is a sentence for people that says what to do. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem' as const;
  readonly status: number;
  /** The API's stable code; `unreachable` when nobody answered. */
  readonly code: string;
  readonly detail: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, code: string, detail: string, retryAfterSeconds?: number) {
    super(`${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export type Api = ReturnType<typeof createApi>;

/**
 * The calls of the tile, all to the dashboard's own backend below `base`, which adds its token and passes them on. Paths
 * are those of the API below `/api/tenants/{tenantId}`; `/agents` alone is the dashboard's own list. Each rejects with an
 * {@link ApiProblem}.
 */
export function createApi(base: string) {
  const call = <T>(method: string, path: string, json?: unknown) => request<T>(method, base + path, json);
  const agent = (agentId: string) => `/agents/${encodeURIComponent(agentId)}/confluence-tool`;
  return {
    connection: () => call<Connection>('GET', '/confluence'),
    connect: () => call<{ authorizeUrl: string; expiresAt: string }>('POST', '/confluence/connect', {}),
    complete: (completion: string) => call<Connection>('POST', '/confluence/connect/complete', { completion }),
    chooseSite: (cloudId: string) => call<Connection>('PUT', '/confluence/site', { cloudId }),
    disconnect: (deleteIndex: boolean) =>
      call<Connection>('DELETE', `/confluence${deleteIndex ? '?index=delete' : ''}`),
    sync: () => call<{ runId: string; mode: string; fullAt?: string }>('POST', '/confluence/sync', {}),
    runs: () => call<{ runs: Run[] }>('GET', '/confluence/runs').then(({ runs }) => runs),
    spaces: (cursor?: string) =>
      call<{ spaces: Space[]; nextCursor?: string }>('GET', `/confluence/spaces${query({ limit: '500', cursor })}`),
    excludeSpaces: (excludedKeys: readonly string[]) => call<unknown>('PUT', '/confluence/spaces', { excludedKeys }),
    search: (q: string, cursor?: string) =>
      call<{ results: SearchHit[]; nextCursor?: string }>(
        'GET',
        `/confluence/search${query({ q, limit: '5', cursor })}`,
      ),
    agents: () => call<{ agents: Agent[] }>('GET', '/agents').then(({ agents }) => agents),
    agentAccess: (agentId: string) => call<AgentAccess>('GET', agent(agentId)),
    setAgentAccess: (agentId: string, access: object) => call<AgentAccess>('PUT', agent(agentId), access),
    removeAgentAccess: (agentId: string) => call<void>('DELETE', agent(agentId)),
    newKey: (agentId: string, revokeOthers: boolean) =>
      call<NewKey>('POST', `${agent(agentId)}/keys`, { revokeOthers }),
  };
}

function query(parameters: Record<string, string | undefined>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

const TIMEOUT_MS = 60_000;

async function request<T>(method: string, url: string, json: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: { accept: 'application/json', ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new ApiProblem(0, 'unreachable', 'The dashboard does not answer. Check your network and try again.');
  }
  if (response.status === 204) return undefined as T;
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as T;
  throw toProblem(response.status, body);
}

function toProblem(status: number, body: unknown): ApiProblem {
  const { code, detail, retryAfterSeconds } = (body ?? {}) as Record<string, unknown>;
  return new ApiProblem(
    status,
    typeof code === 'string' ? code : 'unexpected_answer',
    typeof detail === 'string' ? detail : `The dashboard answered ${status} without a reason. Try again in a moment.`,
    typeof retryAfterSeconds === 'number' ? retryAfterSeconds : undefined,
  );
}
