import { readSettings, SettingsError } from '../../shared/platform/settings.ts';
import { applyLocalSettings } from '../functions-host/settings.ts';
import type { Addresses } from './addresses.ts';
import { StackError } from './error.ts';

export type Env = Record<string, string | undefined>;

/** `simulator`: the bundled one; `given`: the addresses in the environment; `real`: Atlassian itself. */
export type AtlassianMode = 'simulator' | 'given' | 'real';

/** The app that the bundled simulator knows. */
const LOCAL_APP = { ATLASSIAN_CLIENT_ID: 'local-client', ATLASSIAN_CLIENT_SECRET: 'local-secret' };

/** What was set from outside: `local.settings.json`, and over it the environment. Empty values count as not set. */
export function givenSettings(env: Env, settingsFile: string | undefined): Record<string, string> {
  const given: Env = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  try {
    if (settingsFile !== undefined) applyLocalSettings(given, settingsFile);
  } catch (error) {
    throw new StackError((error as Error).message);
  }
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/**
 * Which Atlassian the app talks to. Half a choice is no choice: it would send tokens to the wrong place. The bundled
 * simulator's own address, as in a copy of `local.settings.example.json`, means the bundled simulator.
 */
export function atlassianMode(given: Record<string, string>, simulatorUrl?: string): AtlassianMode {
  const { ATLASSIAN_AUTH_URL, ATLASSIAN_API_URL, ATLASSIAN_CLIENT_ID, ATLASSIAN_CLIENT_SECRET } = given;
  if (Boolean(ATLASSIAN_AUTH_URL) !== Boolean(ATLASSIAN_API_URL))
    throw new StackError('Set both ATLASSIAN_AUTH_URL and ATLASSIAN_API_URL, or neither.');
  if (Boolean(ATLASSIAN_CLIENT_ID) !== Boolean(ATLASSIAN_CLIENT_SECRET))
    throw new StackError(
      'Set both ATLASSIAN_CLIENT_ID and ATLASSIAN_CLIENT_SECRET for the real Atlassian, or neither for the simulator.',
    );
  if (ATLASSIAN_AUTH_URL) {
    return [ATLASSIAN_AUTH_URL, ATLASSIAN_API_URL].every((url) => url === simulatorUrl) ? 'simulator' : 'given';
  }
  return ATLASSIAN_CLIENT_ID ? 'real' : 'simulator';
}

export interface LocalSecrets {
  identityHeader: string;
  cosmosKey: string;
  /** The connection string of Azurite. */
  storage: string;
}

/** The functions host's whole environment. Throws one {@link StackError} that names every bad setting. */
export function hostEnvironment(
  given: Record<string, string>,
  addresses: Addresses,
  secrets: LocalSecrets,
): Record<string, string> {
  const mode = atlassianMode(given, addresses.simulatorUrl);
  const environment = {
    ...(mode === 'real' ? {} : LOCAL_APP),
    ...(mode === 'simulator'
      ? { ATLASSIAN_AUTH_URL: addresses.simulatorUrl, ATLASSIAN_API_URL: addresses.simulatorUrl }
      : {}),
    // Atlassian's console accepts plain http only for `localhost`, by name.
    PUBLIC_URL: mode === 'real' ? addresses.functionsUrl.replace('127.0.0.1', 'localhost') : addresses.functionsUrl,
    DASHBOARD_ORIGIN: addresses.dashboardUrl,
    AUTH_ISSUER: addresses.issuerUrl,
    AUTH_AUDIENCE: 'confluence-for-neo',
    COSMOS_DATABASE: 'confluence',
    COSMOS_ENDPOINT: addresses.cosmosUrl,
    COSMOS_KEY: secrets.cosmosKey,
    KEY_VAULT_URL: addresses.keyVaultUrl,
    AzureWebJobsStorage: secrets.storage,
    IDENTITY_ENDPOINT: `${addresses.issuerUrl}/msi/token`,
    IDENTITY_HEADER: secrets.identityHeader,
    ...given,
  };
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) throw new StackError(error.message);
    throw error;
  }
  return environment;
}
