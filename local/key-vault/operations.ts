import { badParameter, KeyVaultError } from './errors.ts';

export type OperationName =
  | 'setSecret'
  | 'getSecret'
  | 'updateSecret'
  | 'deleteSecret'
  | 'listSecrets'
  | 'listVersions'
  | 'getDeletedSecret'
  | 'listDeletedSecrets'
  | 'recoverSecret'
  | 'purgeSecret';

export const WRITES: ReadonlySet<OperationName> = new Set([
  'setSecret',
  'updateSecret',
  'deleteSecret',
  'recoverSecret',
  'purgeSecret',
]);

export interface Operation {
  operation: OperationName;
  /** Empty for the lists of the vault. */
  name: string;
  version: string | undefined;
}

const API_VERSIONS = /^(7\.[0-6](-preview\.\d)?|2025-07-01|2026-04-01)$/;
const SECRET_NAME = /^[0-9a-zA-Z-]{1,127}$/;

/** Which operation a request asks for. Throws 400 for what this vault does not serve, naming it. */
export function resolveOperation(method: string, url: URL): Operation {
  requireApiVersion(url);
  const [collection = '', name = '', detail, ...rest] = url.pathname.split('/').slice(1);
  const operation = rest.length > 0 ? undefined : operationOf(method, collection, name, detail ?? '');
  if (operation === undefined)
    throw new KeyVaultError(
      400,
      'NotSupportedByEmulator',
      `This Key Vault emulator does not serve ${method} ${url.pathname}; it serves secrets and deleted secrets.`,
    );
  if (name !== '' && !SECRET_NAME.test(name))
    throw badParameter(`The request URI contains an invalid name: ${name}. Use 1-127 letters, digits and dashes.`);
  const takesVersion = operation === 'getSecret' || operation === 'updateSecret';
  return { operation, name, version: takesVersion && detail ? detail : undefined };
}

function operationOf(method: string, collection: string, name: string, detail: string): OperationName | undefined {
  const route = `${method} ${collection}`;
  if (name === '') return detail === '' ? vaultOperations[route] : undefined;
  if (route === 'GET secrets') return detail === 'versions' ? 'listVersions' : 'getSecret';
  if (route === 'PATCH secrets') return 'updateSecret';
  if (route === 'POST deletedsecrets' && detail === 'recover') return 'recoverSecret';
  return detail === '' ? secretOperations[route] : undefined;
}

const vaultOperations: Record<string, OperationName> = {
  'GET secrets': 'listSecrets',
  'GET deletedsecrets': 'listDeletedSecrets',
};

const secretOperations: Record<string, OperationName> = {
  'PUT secrets': 'setSecret',
  'DELETE secrets': 'deleteSecret',
  'GET deletedsecrets': 'getDeletedSecret',
  'DELETE deletedsecrets': 'purgeSecret',
};

function requireApiVersion(url: URL): void {
  // The SDK sends the parameter's name percent-encoded (`api%2Dversion`); URLSearchParams decodes it.
  const apiVersion = url.searchParams.get('api-version');
  if (apiVersion === null) throw badParameter('The request URI must contain an api-version parameter.');
  if (!API_VERSIONS.test(apiVersion)) throw badParameter(`The api-version ${apiVersion} is not supported.`);
}
