import { SecretClient } from '@azure/keyvault-secrets';
import { createDeps, type Deps } from '../../shared/platform/deps.ts';
import { readSettings } from '../../shared/platform/settings.ts';

export type SettingsEnv = Record<string, string | undefined>;

/** A process's dependencies as in production, but for the identity: the Key Vault emulator takes any token. */
export function processDeps(env: SettingsEnv): Deps {
  const settings = readSettings(env);
  const credential = { getToken: async () => ({ token: 'any', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  return { ...createDeps(settings), secrets: new SecretClient(settings.KEY_VAULT_URL, credential) };
}
