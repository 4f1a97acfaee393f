import { getRequestListener } from '@hono/node-server';
import { listen, type Part } from '../part.ts';
import { CHALLENGE_RESOURCE, VAULT_HOST } from './address.ts';
import { parseSet, parseUpdate, toBundle, toDeletedItem, toItem } from './bundles.ts';
import { loadCertificate } from './certificate.ts';
import { badParameter, KeyVaultError, secretDisabled } from './errors.ts';
import { createFaults, FaultError, parseFault } from './faults.ts';
import { type Operation, type OperationName, resolveOperation } from './operations.ts';
import { createStats } from './stats.ts';
import { openStore, type SecretStore } from './store.ts';

export interface KeyVaultOptions {
  /** 0 picks a free port. */
  port: number;
  /** Holds the secrets and the certificate; made with mode 0700. */
  dataDir: string;
  /** How long a deletion, and then a purge, is under way; the real service takes seconds. Default 100. */
  deletionMs?: number;
}

export interface KeyVault extends Part {
  /** What the client is given: `https://confluence.vault.localhost:PORT`. */
  readonly vaultUrl: string;
  /** For the client's NODE_EXTRA_CA_CERTS. */
  readonly certificatePath: string;
}

/**
 * A Key Vault for secrets over TLS that the unchanged `SecretClient` talks to. Any bearer token is accepted after the
 * challenge; permissions are Azure's business.
 *
 * Shapes and errors: https://learn.microsoft.com/rest/api/keyvault/secrets. What clients stumble over is kept: the
 * newest version is "the" secret even when it is disabled (403 `SecretDisabled`), lists of versions are in no order of
 * time, deleting takes a moment (409 `ObjectIsBeingDeleted`), and a deleted name cannot be used until it is purged.
 */
export async function startKeyVault({ port, dataDir, deletionMs = 100 }: KeyVaultOptions): Promise<KeyVault> {
  const store = openStore({ dataDir, deletionMs });
  const { certificatePath, ...tls } = await loadCertificate(dataDir);
  let vaultUrl = '';
  const handler = createHandler(store, () => vaultUrl);
  const part = await listen(getRequestListener(handler), { port, tls, onClose: store.close }).catch((error) => {
    store.close();
    throw error;
  });
  vaultUrl = `https://${VAULT_HOST}:${new URL(part.url).port}`;
  return { ...part, vaultUrl, certificatePath };
}

interface Call extends Operation {
  request: Request;
  url: URL;
  vaultUrl: string;
  store: SecretStore;
}

function createHandler(store: SecretStore, vaultUrl: () => string): (request: Request) => Promise<Response> {
  const faults = createFaults();
  const stats = createStats();

  async function serve(request: Request, url: URL): Promise<Response> {
    if (!/^Bearer \S+$/.test(request.headers.get('authorization') ?? '')) return challenge(vaultUrl());
    const operation = resolveOperation(request.method, url);
    try {
      await faults.apply(operation.operation, 'before');
      const answer = await operations[operation.operation]({ ...operation, request, url, store, vaultUrl: vaultUrl() });
      await faults.apply(operation.operation, 'after');
      stats.count(operation.operation, true);
      return answer;
    } catch (error) {
      stats.count(operation.operation, false);
      throw error;
    }
  }

  async function control(request: Request, path: string): Promise<Response> {
    const route = `${request.method} ${path}`;
    if (route === 'POST /_emulator/faults') faults.add(parseFault(await readJson(request), Object.keys(operations)));
    else if (route === 'DELETE /_emulator/faults') faults.clear();
    else if (route === 'DELETE /_emulator/stats') stats.reset();
    else if (route === 'GET /_emulator/stats') return Response.json(stats.read());
    else if (route !== 'GET /_emulator/faults') throw badParameter(`There is no ${route}.`);
    return Response.json({ faults: faults.list() });
  }

  return async (request) => {
    const url = new URL(request.url);
    try {
      return await (url.pathname.startsWith('/_emulator/') ? control(request, url.pathname) : serve(request, url));
    } catch (error) {
      if (error instanceof KeyVaultError) return errorAnswer(error);
      console.error(error);
      return errorAnswer(new KeyVaultError(500, 'InternalServerError', 'The emulator failed; its log says why.'));
    }
  };
}

const operations: Record<OperationName, (call: Call) => Response | Promise<Response>> = {
  async setSecret({ request, name, store, vaultUrl }) {
    const { value, settings } = parseSet(await readJson(request));
    return Response.json(toBundle(vaultUrl, store.set(name, value, settings)));
  },
  getSecret({ name, version, store, vaultUrl }) {
    const secret = store.get(name, version);
    if (!secret.enabled) throw secretDisabled();
    return Response.json(toBundle(vaultUrl, secret));
  },
  async updateSecret({ request, name, version, store, vaultUrl }) {
    const secret = store.update(name, version, parseUpdate(await readJson(request)));
    return Response.json(toItem(vaultUrl, secret, secret.version));
  },
  deleteSecret({ name, store, vaultUrl }) {
    const secret = store.delete(name);
    return Response.json(toDeletedItem(vaultUrl, secret, secret.version));
  },
  getDeletedSecret({ name, store, vaultUrl }) {
    const secret = store.getDeleted(name);
    return Response.json(toDeletedItem(vaultUrl, secret, secret.version));
  },
  recoverSecret({ name, store, vaultUrl }) {
    const secret = store.recover(name);
    return Response.json(toItem(vaultUrl, secret, secret.version));
  },
  purgeSecret({ name, store }) {
    store.purge(name);
    return new Response(null, { status: 204 });
  },
  listSecrets: (call) =>
    page(
      call,
      (after, limit) => call.store.list(after, limit),
      'name',
      (secret) => toItem(call.vaultUrl, secret),
    ),
  listVersions: (call) =>
    page(
      call,
      (after, limit) => call.store.versions(call.name, after, limit),
      'version',
      (secret) => toItem(call.vaultUrl, secret, secret.version),
    ),
  listDeletedSecrets: (call) =>
    page(
      call,
      (after, limit) => call.store.listDeleted(after, limit),
      'name',
      (secret) => toDeletedItem(call.vaultUrl, secret),
    ),
};

const MAX_PAGE = 25;

/** One page of a list and the link to the next: the link carries the last key as `$skiptoken`. */
function page<T extends { name: string; version: string }>(
  { url, vaultUrl }: Call,
  read: (after: string, limit: number) => T[],
  key: 'name' | 'version',
  toAnswer: (item: T) => object,
): Response {
  const limit = Number(url.searchParams.get('maxresults') ?? MAX_PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE)
    throw badParameter(`maxresults must be a whole number from 1 to ${MAX_PAGE}.`);
  const items = read(url.searchParams.get('$skiptoken') ?? '', limit + 1);
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  const next = new URL(`${vaultUrl}${url.pathname}${url.search}`);
  if (last !== undefined) next.searchParams.set('$skiptoken', last[key]);
  return Response.json({ value: shown.map(toAnswer), nextLink: items.length > limit ? next.href : null });
}

function challenge(vaultUrl: string): Response {
  const error = new KeyVaultError(401, 'Unauthorized', 'AKV10000: Request is missing a Bearer or PoP token.');
  return Response.json(error.toBody(), {
    status: 401,
    headers: { 'www-authenticate': `Bearer authorization="${vaultUrl}/tenant", resource="${CHALLENGE_RESOURCE}"` },
  });
}

function errorAnswer(error: KeyVaultError): Response {
  const retryAfter = error instanceof FaultError ? error.retryAfterSeconds : undefined;
  return Response.json(error.toBody(), {
    status: error.status,
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  });
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw badParameter('The body must be JSON.');
  }
}
