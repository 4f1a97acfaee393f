import { randomUUID, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { CERTIFICATE_FILE, VAULT_HOST } from './address.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 825;
const RENEW_BEFORE_DAYS = 30;

export interface Certificate {
  /** PEM. */
  key: string;
  /** PEM. */
  cert: string;
  /** The certificate's file, for NODE_EXTRA_CA_CERTS. */
  certificatePath: string;
}

/** Reads the vault's self-signed certificate from `dataDir`, making a new one when there is none or it soon expires. */
export async function loadCertificate(dataDir: string): Promise<Certificate> {
  const certificatePath = join(dataDir, CERTIFICATE_FILE);
  const keyPath = join(dataDir, 'certificate.key');
  if (existsSync(certificatePath) && existsSync(keyPath)) {
    const cert = readFileSync(certificatePath, 'utf8');
    const key = readFileSync(keyPath, 'utf8');
    if (validUntil(cert) > Date.now() + RENEW_BEFORE_DAYS * DAY_MS) return { key, cert, certificatePath };
  }
  const { cert, private: key } = await newCertificate();
  writeFileSync(keyPath, key, { mode: 0o600 });
  writeFileSync(certificatePath, cert, { mode: 0o600 });
  return { key, cert, certificatePath };
}

function validUntil(cert: string): number {
  return Date.parse(new X509Certificate(cert).validTo);
}

function newCertificate() {
  // OpenSSL looks trusted certificates up by subject and takes one: two vaults' certificates must not share theirs.
  const subject = [
    { name: 'commonName', value: VAULT_HOST },
    { name: 'organizationName', value: randomUUID() },
  ];
  return generate(subject, {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - DAY_MS),
    notAfterDate: new Date(Date.now() + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: VAULT_HOST },
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
}
