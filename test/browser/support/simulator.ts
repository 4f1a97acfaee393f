import { randomBytes } from 'node:crypto';
import { stack } from '../../support/stack.ts';

/** An account of the test's own, and the sites that it may choose from. */
export interface Owner {
  readonly accountId: string;
  readonly name: string;
  readonly sites: readonly SimulatedSite[];
}

export interface SimulatedSite {
  readonly cloudId: string;
  readonly name: string;
  readonly url: string;
}

export interface NewSite {
  readonly pages?: number;
  readonly spaces?: number;
  readonly attachments?: number;
  readonly bodyBytes?: number;
}

/** Calls the simulator's control API. */
export async function control<T>(method: string, path: string, json?: unknown): Promise<T> {
  const response = await fetch(`${stack().atlassianUrl}/_simulator${path}`, {
    method,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return (path.includes('/truth') ? lines(text) : JSON.parse(text)) as T;
}

function lines(text: string): unknown[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);
}

/** Makes an account with generated sites, so that tests which run at the same time share nothing. */
export async function newOwner(...sites: NewSite[]): Promise<Owner> {
  const suffix = randomBytes(4).toString('hex');
  const accountId = `712020:browser-${suffix}`;
  const name = `Robin ${suffix}`;
  await control('POST', '/accounts', { accountId, displayName: name, email: `robin-${suffix}@acme.example` });
  const made: SimulatedSite[] = [];
  for (const [index, { pages = 12, spaces = 2, ...rest }] of sites.entries()) {
    const site = { name: `robin-${suffix}-${index + 1}`, pages, spaces, users: 5, ...rest, accounts: [accountId] };
    made.push(await control<SimulatedSite>('POST', '/sites', site));
  }
  return { accountId, name, sites: made };
}

/** Makes calls for a site go wrong until the function that it returns is called. */
export async function fault(
  site: SimulatedSite,
  rule: { match?: object; answer: object },
): Promise<() => Promise<void>> {
  const { match, ...rest } = rule;
  const { id } = await control<{ id: number }>('POST', '/faults', {
    ...rest,
    match: { ...match, cloudId: site.cloudId },
  });
  return async () => {
    await control('DELETE', `/faults/${id}`);
  };
}
