/**
 * Which of the scopes that we ask for a grant lacks; empty when nothing is missing, or when Atlassian did not say what it
 * granted. `offline_access` shows itself as a refresh token and is not reliably named. The classic `search:confluence`
 * covers the granular scope of search.
 */
export function missingScopes(granted: readonly string[], needed: readonly string[]): string[] {
  if (granted.length === 0) return [];
  const has = (scope: string) =>
    granted.includes(scope) || (scope === 'read:content-details:confluence' && granted.includes('search:confluence'));
  return needed.filter((scope) => scope !== 'offline_access' && !has(scope));
}
