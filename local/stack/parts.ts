import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { settingsSchema } from '../../shared/platform/settings.ts';
import type { PartSpec } from '../supervisor.ts';
import type { Addresses } from './addresses.ts';
import type { Ports } from './ports.ts';
import type { Env } from './settings.ts';

const LOCAL = join(import.meta.dirname, '..');
export const PROJECT = join(LOCAL, '..');
/** For processes that talk to the key vault. */
export const LOCALHOST_LOOKUP = pathToFileURL(join(LOCAL, 'key-vault', 'localhost-lookup.ts')).href;

/** How long the host may let running functions finish, and then be stopped itself. */
const HOST_STOP_MS = 15_000;

export interface PartsOptions {
  addresses: Addresses;
  ports: Ports;
  dataDir: string;
  /** The environment of this process; parts that are not the app get it without the app's settings. */
  env: Env;
  /** All that the app reads. */
  hostEnv: Record<string, string>;
  identityHeader: string;
}

/** The parts of the stack, by name. */
export function createParts({ ports, addresses, dataDir, env, hostEnv, identityHeader }: PartsOptions) {
  const data = (part: string) => ['--data-dir', join(dataDir, part)];
  const port = (number: number) => ['--port', String(number)];
  const partEnv = withoutSettings(env);
  const part = (name: string, folder: string, args: string[], rest: Partial<PartSpec> = {}): PartSpec => ({
    name,
    entry: join(LOCAL, folder, 'main.ts'),
    args,
    env: partEnv,
    ...rest,
  });
  const { ATLASSIAN_CLIENT_ID, ATLASSIAN_CLIENT_SECRET, AUTH_AUDIENCE = '', PUBLIC_URL, AzureWebJobsStorage } = hostEnv;
  return {
    confluence: part(
      'confluence',
      'confluence',
      [...port(ports.confluence), ...data('confluence'), '--callback-url', `${PUBLIC_URL}/api/confluence/callback`],
      { env: { ...partEnv, ATLASSIAN_CLIENT_ID, ATLASSIAN_CLIENT_SECRET } },
    ),
    issuer: part(
      'issuer',
      'oidc-issuer',
      [...port(ports.issuer), ...data('oidc-issuer'), '--audience', AUTH_AUDIENCE],
      { env: { ...partEnv, IDENTITY_HEADER: identityHeader } },
    ),
    keyVault: part('key-vault', 'key-vault', [...port(ports.keyVault), ...data('key-vault')]),
    cosmos: part('cosmos', 'cosmos', [...port(ports.cosmos), ...data('cosmos')]),
    azurite: part('azurite', 'azurite', [
      ...['--blob-port', String(ports.blob), '--queue-port', String(ports.queue)],
      ...data('azurite'),
    ]),
    dashboard: part(
      'dashboard',
      'dashboard',
      [
        ...port(ports.dashboard),
        ...['--functions-url', addresses.functionsUrl],
        ...['--issuer-url', addresses.issuerUrl],
      ],
      { env: { ...partEnv, AzureWebJobsStorage } },
    ),
    functions: part('functions', 'functions-host', [...port(ports.functions), '--app', PROJECT], {
      env: hostEnv,
      execArgv: ['--import', LOCALHOST_LOOKUP],
      restart: true,
      stopMs: HOST_STOP_MS,
    }),
  };
}

/** A client secret is nobody's business but the app's. */
function withoutSettings(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !(name in settingsSchema.shape)));
}
