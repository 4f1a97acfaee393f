import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StackError } from './error.ts';

/**
 * The file for NODE_EXTRA_CA_CERTS that adds the vault's certificate to those that are already there: Node reads one
 * file only.
 */
export function caBundle(dataDir: string, vaultCertificate: string, existing: string | undefined): string {
  if (!existing) return vaultCertificate;
  const bundle = join(dataDir, 'ca-bundle.pem');
  writeFileSync(bundle, `${readExisting(existing)}\n${readFileSync(vaultCertificate, 'utf8')}`);
  return bundle;
}

function readExisting(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StackError(`NODE_EXTRA_CA_CERTS names a file that cannot be read: ${(error as Error).message}`);
  }
}
