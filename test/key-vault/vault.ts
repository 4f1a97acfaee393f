import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import tls from 'node:tls';
import { SecretClient } from '@azure/keyvault-secrets';
import '../../local/key-vault/localhost-lookup.ts';
import { type KeyVault, startKeyVault } from '../../local/key-vault/server.ts';

export interface TestVault extends KeyVault {
  client: SecretClient;
  dataDir: string;
  /** Calls a switch of the emulator. */
  control(method: string, path: string, body?: object): Promise<unknown>;
}

/** A vault of its own and the real client with its default options; both end with the test. */
export async function testVault(
  t: TestContext,
  options: { dataDir?: string; deletionMs?: number } = {},
): Promise<TestVault> {
  const { dataDir = await mkdtemp(join(tmpdir(), 'key-vault-')), deletionMs = 30 } = options;
  const vault = await startKeyVault({ port: 0, dataDir, deletionMs });
  trust(vault.certificatePath);
  t.after(async () => {
    await vault.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  const credential = { getToken: async () => ({ token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  return {
    ...vault,
    dataDir,
    client: new SecretClient(vault.vaultUrl, credential),
    async control(method, path, body) {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      const response = await fetch(`${vault.vaultUrl}/_emulator/${path}`, init);
      return response.json();
    },
  };
}

/** What NODE_EXTRA_CA_CERTS does for a process that is told before it starts. */
function trust(certificatePath: string): void {
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(certificatePath, 'utf8')]);
}
