import * as z from 'zod';
import { AtlassianError } from '../atlassian/errors.ts';
import type { Deps } from '../platform/deps.ts';
import { SecretText } from '../platform/secret-text.ts';

type VaultDeps = Pick<Deps, 'secrets'>;

/** The tokens of one grant as Key Vault keeps them. */
export interface StoredTokens {
  readonly accessToken: SecretText;
  readonly refreshToken: SecretText;
  readonly expiresAt: Date;
}

const secretSchema = z.object({
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1),
  expiresAt: z.iso.datetime(),
});

/**
 * The client has no time limit of its own: a connection that went dead would hold up everybody who waits for the token in
 * this process, and a write could come out of nowhere after its lease. Well below `REFRESH_LEASE_SECONDS`.
 */
const TIMEOUT_MS = 20_000;

/** What overwrites the tokens before the secret is deleted, so that a late reader of "latest" finds none. */
const EMPTY = '{}';

/**
 * The newest version of a secret; `undefined` when there is none, or none with tokens.
 *
 * @throws {AtlassianError} `outage` when the vault does not give it: for whoever waits for a token that is the same as
 * Atlassian not answering, and it is tried again like that
 */
export async function readTokens(
  deps: VaultDeps,
  name: string,
): Promise<{ tokens: StoredTokens; version: string } | undefined> {
  try {
    const { value, properties } = await deps.secrets.getSecret(name, inTime());
    const tokens = parseTokens(value ?? EMPTY);
    return tokens && { tokens, version: properties.version ?? '' };
  } catch (error) {
    // 403 is also how the vault answers for a disabled version; a caller without permission gets it for every secret.
    if (isDisabled(error) || statusOf(error) === 404) return undefined;
    throw new AtlassianError(
      'outage',
      `Key Vault does not give the tokens: ${statusOf(error) ?? (error as Error).name}`,
    );
  }
}

/** No error may come out of this: the parser's quotes what it could not read. */
function parseTokens(value: string): StoredTokens | undefined {
  try {
    const { accessToken, refreshToken, expiresAt } = secretSchema.parse(JSON.parse(value));
    return {
      accessToken: new SecretText(accessToken),
      refreshToken: new SecretText(refreshToken),
      expiresAt: new Date(expiresAt),
    };
  } catch {
    return undefined;
  }
}

/** Writes a new version. One of the two places that reveal tokens. */
export async function writeTokens(deps: VaultDeps, name: string, tokens: StoredTokens): Promise<void> {
  const value = JSON.stringify({
    accessToken: SecretText.reveal(tokens.accessToken),
    refreshToken: SecretText.reveal(tokens.refreshToken),
    expiresAt: tokens.expiresAt.toISOString(),
  });
  await deps.secrets.setSecret(name, value, { contentType: 'application/json', ...inTime() });
}

/** Makes a version that was replaced unreadable. A version that is gone is as good as disabled. */
export async function disableVersion(deps: VaultDeps, name: string, version: string): Promise<void> {
  await unlessGone(() => deps.secrets.updateSecretProperties(name, version, { enabled: false, ...inTime() }));
}

/**
 * Erases a secret for good: empty newest version → former versions disabled → deleted → purged. Each step finds out
 * itself what is left to do, so that after a crash the same call goes on; a secret that never was is fine too.
 */
export async function eraseSecret(deps: VaultDeps, name: string): Promise<void> {
  if (await exists(deps, name)) {
    const { properties } = await deps.secrets.setSecret(name, EMPTY, inTime());
    for await (const { version, enabled } of deps.secrets.listPropertiesOfSecretVersions(name, inTime())) {
      if (enabled && version && version !== properties.version) await disableVersion(deps, name, version);
    }
    await unlessGone(async () => {
      const poller = await deps.secrets.beginDeleteSecret(name, { intervalInMs: 250, ...inTime() });
      await poller.pollUntilDone(inTime());
    });
  }
  // Deleted by a former call that died before purging, or just now.
  await unlessGone(() => deps.secrets.purgeDeletedSecret(name, inTime()));
}

async function exists(deps: VaultDeps, name: string): Promise<boolean> {
  try {
    await deps.secrets.getSecret(name, inTime());
    return true;
  } catch (error) {
    if (isDisabled(error)) return true;
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

function inTime(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(TIMEOUT_MS) };
}

async function unlessGone(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

function isDisabled(error: unknown): boolean {
  const details = (
    error as { details?: { error?: { innerError?: { code?: string }; innererror?: { code?: string } } } }
  ).details?.error;
  return statusOf(error) === 403 && (details?.innerError?.code ?? details?.innererror?.code) === 'SecretDisabled';
}
