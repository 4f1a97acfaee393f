/** An answer in Key Vault's error shape: `{error: {code, message, innererror?: {code}}}`. */
export class KeyVaultError extends Error {
  override name = 'KeyVaultError' as const;
  readonly status: number;
  readonly code: string;
  readonly innerCode: string | undefined;

  constructor(status: number, code: string, message: string, innerCode?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.innerCode = innerCode;
  }

  toBody() {
    const innererror = this.innerCode === undefined ? {} : { innererror: { code: this.innerCode } };
    return { error: { code: this.code, message: this.message, ...innererror } };
  }
}

export const badParameter = (message: string) => new KeyVaultError(400, 'BadParameter', message);

export const secretNotFound = (id: string) =>
  new KeyVaultError(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${id} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command.`,
  );

export const deletedSecretNotFound = (name: string) =>
  new KeyVaultError(404, 'SecretNotFound', `Deleted Secret not found: ${name}`);

export const secretDisabled = () =>
  new KeyVaultError(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', 'SecretDisabled');

export const beingDeleted = (name: string) =>
  new KeyVaultError(
    409,
    'Conflict',
    `Secret ${name} is currently being deleted and cannot be re-created; retry later.`,
    'ObjectIsBeingDeleted',
  );

export const deletedButRecoverable = (name: string) =>
  new KeyVaultError(
    409,
    'Conflict',
    `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
    'ObjectIsDeletedButRecoverable',
  );
