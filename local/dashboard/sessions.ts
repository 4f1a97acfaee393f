import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

/** Who is signed in: here a browser that has opened a tenant's page, in a real dashboard a user of that tenant. */
export interface Sessions {
  /** Signs this browser in to a tenant. Stands where a real dashboard has its login. */
  signIn(c: Context, tenantId: string): void;
  /** The tenant that this browser opened last. */
  lastTenant(c: Context): string | undefined;
  isSignedIn(c: Context, tenantId: string): boolean;
}

/** Cookies do not know ports, and a second dashboard may run on this machine. */
const cookieName = (c: Context) => `dashboard-session-${new URL(c.req.url).port}`;
const MAX_SESSIONS = 10_000;

/** Sessions in memory: the cookie is a random name for what only the server knows. */
export function createSessions(): Sessions {
  const sessions = new Map<string, string[]>();
  const tenantsOf = (c: Context) => sessions.get(getCookie(c, cookieName(c)) ?? '') ?? [];
  return {
    signIn(c, tenantId) {
      const known = tenantsOf(c);
      const id = known.length > 0 ? (getCookie(c, cookieName(c)) ?? '') : randomBytes(24).toString('base64url');
      sessions.set(id, [...known.filter((other) => other !== tenantId), tenantId]);
      const [oldest] = sessions.keys();
      if (sessions.size > MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest);
      // Lax: the link on the page after consent leads here from another origin and must find the session.
      setCookie(c, cookieName(c), id, { httpOnly: true, sameSite: 'Lax', path: '/' });
    },
    lastTenant: (c) => tenantsOf(c).at(-1),
    isSignedIn: (c, tenantId) => tenantsOf(c).includes(tenantId),
  };
}
