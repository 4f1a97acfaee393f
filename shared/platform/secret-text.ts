import { inspect } from 'node:util';

/**
 * A token, code or client secret. It prints, serialises and inspects as `[redacted]`, so that no log line, error or
 * JSON document can carry it by accident. {@link SecretText.reveal} is the only way to its value and has two users:
 * the function that sends requests to Atlassian (`shared/atlassian/send.ts`) and the one that writes the vault
 * (`shared/connection/vault.ts`).
 */
export class SecretText {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  static reveal(secret: SecretText): string {
    return secret.#value;
  }

  static equal(a: SecretText, b: SecretText): boolean {
    return a.#value === b.#value;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
