/**
 * The vault's host. The Key Vault client demands https and, in the challenge, a resource whose host is a parent domain
 * of the vault's own: `vault.localhost` for this one.
 */
export const VAULT_HOST = 'confluence.vault.localhost';
export const CHALLENGE_RESOURCE = 'https://vault.localhost';

/** Of the certificate in the vault's data folder. */
export const CERTIFICATE_FILE = 'certificate.pem';
