import { z } from 'zod';
import type { Database } from '../database.ts';
import { readSetting, writeSetting } from '../settings.ts';

/** The scopes that the demo app has in its console. `offline_access` never stands there: it is asked for in the URL. */
const DEFAULT_SCOPES = [
  'read:me',
  'read:space:confluence',
  'read:page:confluence',
  'read:label:confluence',
  'read:attachment:confluence',
  'read:user:confluence',
  'read:content-details:confluence',
  'read:hierarchical-content:confluence',
  'search:confluence',
];

const registrationSchema = z.strictObject({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  name: z.string().min(1),
  callbackUrls: z.array(z.url()).min(1),
  scopes: z.array(z.string().min(1)),
});
export const registrationPatchSchema = registrationSchema.partial();
export type Registration = z.infer<typeof registrationSchema>;

const DEFAULT_REGISTRATION: Registration = {
  clientId: 'local-client',
  clientSecret: 'local-secret',
  name: 'Confluence for Neo (local)',
  callbackUrls: ['http://localhost:7071/api/confluence/callback'],
  scopes: DEFAULT_SCOPES,
};

/** The 3LO app as its owner registered it in the developer console. */
export class AppRegistration {
  readonly #database: Database;
  #registration: Registration;

  constructor(database: Database, overrides: Partial<Registration>) {
    this.#database = database;
    const stored = readSetting<Registration>(database, 'app') ?? DEFAULT_REGISTRATION;
    this.#registration = { ...stored, ...overrides };
    writeSetting(database, 'app', this.#registration);
  }

  get current(): Registration {
    return this.#registration;
  }

  patch(changes: z.infer<typeof registrationPatchSchema>): Registration {
    this.#registration = registrationSchema.parse({ ...this.#registration, ...changes });
    writeSetting(this.#database, 'app', this.#registration);
    return this.#registration;
  }

  /** Requested ∩ registered, in the order requested. `offline_access` needs no registration. */
  grantable(requested: readonly string[]): string[] {
    const registered = new Set([...this.#registration.scopes, 'offline_access']);
    return [...new Set(requested)].filter((scope) => registered.has(scope));
  }
}
