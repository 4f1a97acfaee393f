import { z } from 'zod';
import { badParameter } from './errors.ts';
import type { DeletedSecret, SecretSettings, SecretVersion } from './store.ts';

const MAX_VALUE_BYTES = 25 * 1024;
const RETENTION_DAYS = 90;
const RETENTION_SECONDS = RETENTION_DAYS * 24 * 60 * 60;

const settingsShape = {
  contentType: z.string().max(255).optional(),
  tags: z
    .record(z.string().max(256), z.string().max(256))
    .refine((tags) => Object.keys(tags).length <= 15, 'a secret has at most 15 tags')
    .optional(),
  attributes: z
    .strictObject({ enabled: z.boolean().optional(), nbf: z.int().optional(), exp: z.int().optional() })
    .optional(),
};
const setSchema = z.strictObject({ value: z.string(), ...settingsShape });
const updateSchema = z.strictObject(settingsShape);

/** The body of a set: 400 when it does not fit or the value is over 25 KB. */
export function parseSet(body: unknown): { value: string; settings: SecretSettings } {
  const { value, ...rest } = parse(setSchema, body);
  if (Buffer.byteLength(value) > MAX_VALUE_BYTES)
    throw badParameter(`The secret value exceeds the maximum of ${MAX_VALUE_BYTES} bytes.`);
  return { value, settings: toSettings(rest) };
}

export function parseUpdate(body: unknown): SecretSettings {
  return toSettings(parse(updateSchema, body));
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw badParameter(z.prettifyError(parsed.error));
  return parsed.data;
}

function toSettings({ contentType, tags, attributes }: z.infer<typeof updateSchema>): SecretSettings {
  return { contentType, tags, enabled: attributes?.enabled, notBefore: attributes?.nbf, expires: attributes?.exp };
}

/** A secret as the service answers it, value included. */
export const toBundle = (vaultUrl: string, secret: SecretVersion) => ({
  value: secret.value,
  ...toItem(vaultUrl, secret, secret.version),
});

/** A secret as lists show it: no value; lists of a vault name the secret, lists of versions the version. */
export function toItem(vaultUrl: string, secret: SecretVersion, version?: string) {
  return {
    id: `${vaultUrl}/secrets/${secret.name}${version === undefined ? '' : `/${version}`}`,
    contentType: secret.contentType,
    tags: secret.tags,
    attributes: {
      enabled: secret.enabled,
      nbf: secret.notBefore,
      exp: secret.expires,
      created: secret.created,
      updated: secret.updated,
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: RETENTION_DAYS,
    },
  };
}

/** A deleted secret: no value, and when the service would purge it by itself. */
export const toDeletedItem = (vaultUrl: string, secret: DeletedSecret, version?: string) => ({
  ...toItem(vaultUrl, secret, version),
  recoveryId: `${vaultUrl}/deletedsecrets/${secret.name}`,
  deletedDate: secret.deletedAt,
  scheduledPurgeDate: secret.deletedAt + RETENTION_SECONDS,
});
