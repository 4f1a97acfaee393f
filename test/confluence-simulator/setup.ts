import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { DEMO_ACCOUNTS } from '../../local/confluence/content/demo.ts';
import { startConfluence } from '../../local/confluence/server.ts';

export const { admin, single, jiraOnly, nobody } = DEMO_ACCOUNTS;
export const CALLBACK = 'http://localhost:7071/api/confluence/callback';
export const CLIENT = { client_id: 'local-client', client_secret: 'local-secret' };

export interface Json {
  // What a JSON answer holds is for each test to say.
  [key: string]: unknown;
}

export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON, typed by the caller's expectation. */
  json<Shape = Json>(): Shape;
}

export interface Tokens {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  scope: string;
  token_type: string;
}

/** A simulator in memory, without the demo sites, and short ways to talk to it. */
export async function startSimulator(t: TestContext, options: { dataDir?: string; demo?: boolean } = {}) {
  const part = await startConfluence({ port: 0, dataDir: options.dataDir ?? ':memory:', demo: options.demo ?? false });
  t.after(() => part.close());
  return simulatorAt(part.url, () => part.close());
}

export type TestSimulator = ReturnType<typeof simulatorAt>;

function simulatorAt(url: string, close: () => Promise<void>) {
  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answered> {
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: <Shape>() => JSON.parse(text) as Shape };
  }

  /** A control call that must succeed. */
  async function control<Shape = Json>(method: string, path: string, body?: unknown): Promise<Shape> {
    const answered = await call(method, `/_simulator${path}`, body);
    assert.ok(answered.status < 300, `${method} ${path}: ${answered.status} ${answered.text}`);
    return answered.json<Shape>();
  }

  async function createSite(options: Json): Promise<string> {
    return (await control<{ cloudId: string }>('POST', '/sites', options)).cloudId;
  }

  async function grant(cloudIds: string[], options: { accountId?: string; scopes?: string[] } = {}): Promise<Tokens> {
    const { accountId = admin.accountId, scopes } = options;
    return control<Tokens>('POST', '/grants', { accountId, cloudIds, ...(scopes ? { scopes } : {}) });
  }

  const bearer = (tokens: Pick<Tokens, 'access_token'>) => ({ authorization: `Bearer ${tokens.access_token}` });

  /** A reader of one site: paths are relative to `/wiki/api/v2`, unless they begin with `/wiki`. */
  function reader(cloudId: string, tokens: Tokens) {
    const get = (path: string) =>
      call(
        'GET',
        `/ex/confluence/${cloudId}${path.startsWith('/wiki') ? path : `/wiki/api/v2${path}`}`,
        undefined,
        bearer(tokens),
      );
    /** A read that must succeed. */
    async function read<Shape = Listing>(path: string): Promise<Shape> {
      const answered = await get(path);
      assert.equal(answered.status, 200, `${path}: ${answered.text}`);
      return answered.json<Shape>();
    }
    /** All results of a listing, by its cursors. */
    async function readAll(path: string): Promise<Item[]> {
      const results: Item[] = [];
      let next: string | undefined = path;
      while (next) {
        const page: Listing = await read<Listing>(next);
        results.push(...page.results);
        next = page._links.next;
      }
      return results;
    }
    return { get, read, readAll };
  }

  /** A site, a token of the main account for it, and a reader. */
  async function site(options: Json = {}) {
    const cloudId = await createSite({ name: 'wiki', pages: 30, ...options });
    const tokens = await grant([cloudId]);
    return { cloudId, tokens, ...reader(cloudId, tokens) };
  }

  return { url, close, call, control, createSite, grant, bearer, reader, site };
}

export interface Item {
  id: string;
  title: string;
  status: string;
  spaceId: string;
  parentId: string | null;
  parentType: string | null;
  authorId: string;
  createdAt: string;
  version: { number: number; createdAt: string; authorId: string; message: string };
  body: { storage?: { value: string }; atlas_doc_format?: { value: string }; view?: { value: string } };
  _links: { webui: string; base?: string };
  name: string;
  key: string;
  type: string;
  prefix: string;
  homepageId?: string;
}

export interface Listing {
  results: Item[];
  _links: { next?: string; base: string };
}

export function ids(items: readonly Item[]): string[] {
  return items.map((item) => item.id);
}

/** The element at an index, which must be there. */
export function at<Value>(values: readonly Value[], index: number): Value {
  const value = values[index];
  assert.ok(value !== undefined, `there is no element ${index}`);
  return value;
}
