import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

/** An RSA key pair as a private JWK; `kid` is its thumbprint. */
export type SigningKey = JWK & { kid: string };

export interface KeyRing {
  /** The key that signs. */
  current(): SigningKey;
  /** What the JWKS shows: public parts, newest first. */
  publicKeys(): JWK[];
  /** Makes a new signing key; the former ones stay in the JWKS unless `keepOld` is false. */
  rotate(keepOld: boolean): Promise<void>;
}

/** Reads the keys from `dataDir` (mode 0600), making the first one. */
export async function openKeyRing(dataDir: string): Promise<KeyRing> {
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o700);
  const file = join(dataDir, 'keys.json');
  let keys = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SigningKey[]) : [];
  const save = (changed: SigningKey[]) => {
    writeFileSync(`${file}.new`, JSON.stringify(changed), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    keys = changed;
  };
  if (keys.length === 0) save([await newSigningKey()]);
  return {
    current: () => keys[0] as SigningKey,
    publicKeys: () => keys.map(({ kty, n, e, kid }) => ({ kty, n, e, kid, use: 'sig' }) as JWK),
    async rotate(keepOld) {
      const key = await newSigningKey();
      save(keepOld ? [key, ...keys] : [key]);
    },
  };
}

export async function newSigningKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk) };
}
