import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { StackFile } from '../../local/stack/data-dir.ts';

export { eventually } from './eventually.ts';

export interface TestStack extends StackFile {
  /** Calls a dashboard route (`/api/…`) with the token that manages every tenant; `json` is sent as the body. */
  dashboard(path: string, init?: DashboardRequest): Promise<Response>;
  /** A token of the issuer with these claims. */
  token(request: { roles?: string[]; tenants?: string[]; [field: string]: unknown }): Promise<string>;
}

export interface DashboardRequest {
  method?: string;
  json?: unknown;
  headers?: Record<string, string>;
}

/** The stack that the test runner started for all tests. Read anew each time: process ids change. */
export function stack(): TestStack {
  const path = process.env.TEST_STACK;
  if (!path) throw new Error('This test needs a running stack: use `npm test` or `node test/run.ts FILE`.');
  return testStack(JSON.parse(readFileSync(path, 'utf8')) as StackFile);
}

/** The same helpers for a stack of one's own. */
export function testStack(file: StackFile): TestStack {
  return {
    ...file,
    dashboard(path, { method, json, headers } = {}) {
      return fetch(`${file.functionsUrl}${path}`, {
        method: method ?? (json === undefined ? 'GET' : 'POST'),
        headers: {
          authorization: `Bearer ${file.dashboardToken}`,
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
    },
    async token(request) {
      const response = await fetch(`${file.issuerUrl}/token`, { method: 'POST', body: JSON.stringify(request) });
      if (!response.ok) throw new Error(`The issuer answered ${response.status}: ${await response.text()}`);
      return ((await response.json()) as { access_token: string }).access_token;
    },
  };
}

/** A tenant that no other test knows. */
export const newTenantId = () => `tenant-${randomBytes(6).toString('hex')}`;
