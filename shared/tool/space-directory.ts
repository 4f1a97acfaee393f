import type { SpaceItem } from '../index/spaces.ts';
import type { Deps } from '../platform/deps.ts';
import { fetchAll } from '../platform/query.ts';
import { keptBriefly } from './kept-briefly.ts';

export type KnownSpace = Pick<SpaceItem, 'spaceId' | 'key' | 'name' | 'homepageId'>;

/** The spaces that the sync knows, to turn keys into ids and ids into names without asking Confluence. */
export interface SpaceDirectory {
  byId(spaceId: string): KnownSpace | undefined;
  /** Keys are compared without regard to case, as Confluence does. */
  byKey(key: string): KnownSpace | undefined;
  /** By its name, if only one space has it. */
  byName(name: string): KnownSpace | undefined;
}

/** Spaces are renamed seldom, and exclusion does not depend on what is kept here. */
const directories = keptBriefly<SpaceDirectory>(30_000, 500);

/** A tenant's directory, at most half a minute old. */
export function spaceDirectory(
  deps: Pick<Deps, 'control' | 'now'>,
  tenantId: string,
  cloudId: string,
): Promise<SpaceDirectory> {
  return directories(`${tenantId} ${cloudId}`, deps.now(), () => load(deps, tenantId, cloudId));
}

async function load(deps: Pick<Deps, 'control'>, tenantId: string, cloudId: string): Promise<SpaceDirectory> {
  const spaces = await fetchAll<KnownSpace>(deps.control, tenantId, {
    select: 'c.spaceId, c.key, c.name, c.homepageId',
    where: 'c.type = "space" AND c.cloudId = @cloudId',
    parameters: { cloudId },
  });
  const byId = new Map(spaces.map((space) => [space.spaceId, space]));
  const byKey = new Map(spaces.map((space) => [space.key.toLowerCase(), space]));
  return {
    byId: (id) => byId.get(id),
    byKey: (key) => byKey.get(key.toLowerCase()),
    byName: (name) => {
      const [first, second] = spaces.filter((space) => space.name.toLowerCase() === name.toLowerCase());
      return second ? undefined : first;
    },
  };
}
