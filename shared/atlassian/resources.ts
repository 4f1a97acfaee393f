import * as z from 'zod';
import type { Deps } from '../platform/deps.ts';
import type { SecretText } from '../platform/secret-text.ts';
import { classify } from './classify.ts';
import { AtlassianError } from './errors.ts';
import { meSchema, resourceSchema } from './schemas.ts';
import { sendToAtlassian } from './send.ts';

type ResourceDeps = Pick<Deps, 'settings' | 'atlassian' | 'now'>;

/** A Confluence Cloud site that the token may use. */
export interface Site {
  readonly cloudId: string;
  readonly name: string;
  /** Without a trailing slash and without `/wiki`: `https://acme.atlassian.net`. */
  readonly url: string;
}

/**
 * The Confluence sites of a token, in Atlassian's order, each once. The list holds every site that this person ever
 * granted to the app; a site with Jira and Confluence occurs twice with the same id, so entries without a Confluence
 * scope are dropped and the rest merged by id. Never take the first entry for "the" site.
 */
export async function listSites(deps: ResourceDeps, token: SecretText): Promise<Site[]> {
  const value = await getJson(deps, '/oauth/token/accessible-resources', token);
  const parsed = z.array(resourceSchema).safeParse(value);
  if (!parsed.success) throw new AtlassianError('malformed', 'accessible-resources has another form than documented');
  const sites = new Map<string, Site>();
  for (const { id, name, url, scopes } of parsed.data) {
    if (!scopes.some((scope) => scope.includes('confluence'))) continue;
    if (!sites.has(id)) sites.set(id, { cloudId: id, name, url: url.replace(/\/+$/, '') });
  }
  return [...sites.values()];
}

/** The account behind a token (scope `read:me`). */
export async function getAccount(deps: ResourceDeps, token: SecretText): Promise<{ accountId: string; name?: string }> {
  const parsed = meSchema.safeParse(await getJson(deps, '/me', token));
  if (!parsed.success) throw new AtlassianError('malformed', '/me has another form than documented');
  const { account_id: accountId, name } = parsed.data;
  return { accountId, ...(name ? { name } : {}) };
}

async function getJson(deps: ResourceDeps, path: string, token: SecretText): Promise<unknown> {
  const answer = await sendToAtlassian(deps, {
    method: 'GET',
    url: `${deps.settings.ATLASSIAN_API_URL}${path}`,
    token,
    timeoutMs: 20_000,
  });
  if (answer.status !== 200) throw classify(answer, 'api', deps.now());
  try {
    return JSON.parse(answer.text);
  } catch {
    throw new AtlassianError('malformed', `${path} answered 200 without JSON`);
  }
}
