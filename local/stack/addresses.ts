import { VAULT_HOST } from '../key-vault/address.ts';
import type { Ports } from './ports.ts';

export type Addresses = ReturnType<typeof addressesOf>;

/** Where the parts are, by their ports. */
export function addressesOf(ports: Ports) {
  const http = (port: number) => `http://127.0.0.1:${port}`;
  return {
    dashboardUrl: http(ports.dashboard),
    functionsUrl: http(ports.functions),
    simulatorUrl: http(ports.confluence),
    issuerUrl: http(ports.issuer),
    keyVaultUrl: `https://${VAULT_HOST}:${ports.keyVault}`,
    cosmosUrl: http(ports.cosmos),
    blobUrl: `${http(ports.blob)}/devstoreaccount1`,
    queueUrl: `${http(ports.queue)}/devstoreaccount1`,
  };
}
