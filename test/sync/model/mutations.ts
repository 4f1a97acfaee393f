import { addPage, addSpace, change, changeSpace, type SyncedTenant, truthOf, type World } from '../support.ts';
import type { Chance } from './random.ts';

type Line = Record<string, unknown> & { kind: string; id: string };

/** One change that people make in Confluence; gives its name for the record, `undefined` when there was nothing to change. */
type Mutation = (site: Site) => Promise<string | undefined>;

interface Site {
  readonly world: World;
  readonly tenant: SyncedTenant;
  readonly chance: Chance;
  readonly lines: readonly Line[];
}

const LABELS = ['how-to', 'vpn', 'draft', 'owner', 'legacy'];
const FILES = ['a.png', 'b.pdf', 'c.txt'];

function pages({ lines }: Site, status = 'current'): Line[] {
  return lines.filter((line) => line.kind === 'page' && line.status === status);
}

function spaces({ lines }: Site, matches: (space: Line) => boolean = () => true): Line[] {
  return lines.filter((line) => line.kind === 'space').filter(matches);
}

/** An action on a random page of this status. */
function onPage(action: string, bodyOf: (site: Site, page: Line) => object | undefined, status = 'current'): Mutation {
  return async (site) => {
    const page = site.chance.of(pages(site, status));
    const body = page && bodyOf(site, page);
    if (!page || !body) return undefined;
    await change(site.world, site.tenant, page.id, action, body);
    return `${action} ${page.id} ${JSON.stringify(body).slice(0, 80)}`;
  };
}

function onSpace(action: string, matches: (space: Line) => boolean): Mutation {
  return async (site) => {
    const space = site.chance.of(spaces(site, matches));
    if (!space) return undefined;
    await changeSpace(site.world, site.tenant, String(space.key), action);
    return `${action} ${String(space.key)}`;
  };
}

const MUTATIONS: readonly (readonly [weight: number, mutate: Mutation])[] = [
  [
    4,
    async (site) => {
      const key = String(site.chance.of(spaces(site))?.key ?? 'S1');
      const id = await addPage(site.world, site.tenant, key, `New ${site.chance.below(1e6)}`, {
        storage: `<p>${'words '.repeat(site.chance.below(40))}</p>`,
      });
      return `create ${id} in ${key}`;
    },
  ],
  [4, onPage('update', ({ chance }) => ({ storage: `<p>${'edit '.repeat(1 + chance.below(50))}</p>` }))],
  [1, onPage('update', ({ chance }) => ({ storage: `<p>${'large '.repeat(20_000 + chance.below(9))}</p>` }))],
  [2, onPage('rename', ({ chance }) => ({ title: `Renamed ${chance.below(1e6)}` }))],
  [3, onPage('move', (site) => ({ spaceKey: String(site.chance.of(spaces(site))?.key) }))],
  [
    2,
    onPage('move', (site, page) => ({ parentId: Number(site.chance.of(pages(site).filter(mayBeParentOf(page)))?.id) })),
  ],
  [3, onPage('label', ({ chance }) => ({ name: chance.of(LABELS), prefix: chance.is(0.3) ? 'team' : 'global' }))],
  [
    3,
    onPage('unlabel', ({ chance }, { labels }) => {
      const shared = (labels as { prefix: string; name: string }[]).filter(({ prefix }) => prefix !== 'my');
      return chance.of(shared);
    }),
  ],
  [2, onPage('attach', ({ chance }) => ({ fileName: chance.of(FILES), sizeBytes: chance.below(1e6) }))],
  [
    2,
    async (site) => {
      const file = site.chance.of(site.lines.filter((line) => line.kind === 'attachment' && line.status === 'current'));
      if (!file) return undefined;
      const body = { fileName: file.fileName, purge: site.chance.is(0.5) };
      await change(site.world, site.tenant, String(file.pageId), 'detach', body);
      return `detach ${String(file.pageId)} ${String(file.fileName)}`;
    },
  ],
  [2, onPage('trash', () => ({}))],
  [2, onPage('restore', () => ({}), 'trashed')],
  [1, onPage('purge', () => ({}))],
  [1, onPage('archive', () => ({}))],
  [1, onPage('unarchive', () => ({}), 'archived')],
  [1, onPage('restrict', () => ({ accountIds: ['somebody-else'] }))],
  [1, onPage('unrestrict', () => ({}))],
  [
    1,
    onPage('delete-version', (_, { version }) => {
      return Number((version as { number: number }).number) > 1 ? { number: 1 } : undefined;
    }),
  ],
  [
    1,
    async (site) => {
      const key = `N${site.chance.below(1e6)}`;
      await addSpace(site.world, site.tenant, key, site.chance.of(['global', 'collaboration', 'personal']));
      return `space ${key}`;
    },
  ],
  [1, onSpace('archive', ({ status }) => status === 'current')],
  [1, onSpace('unarchive', ({ status }) => status === 'archived')],
  [1, onSpace('hide', ({ hidden }) => hidden === false)],
  [2, onSpace('unhide', ({ hidden }) => hidden === true)],
];

/** A page of the same space, so that the tree stays one. Moving below a descendant is refused by the simulator. */
function mayBeParentOf(page: Line): (other: Line) => boolean {
  return (other) => other.id !== page.id && other.spaceId === page.spaceId && Number(other.id) < Number(page.id);
}

/** Each as often as it weighs. */
const WEIGHTED = MUTATIONS.flatMap(([weight, mutation]) => Array.from({ length: weight }, () => mutation));

/** One random change; what Confluence itself refuses counts as none. */
export async function mutate(world: World, tenant: SyncedTenant, chance: Chance): Promise<string | undefined> {
  const mutation = chance.of(WEIGHTED);
  const lines = await truthOf(world, tenant.cloudId);
  try {
    return await mutation?.({ world, tenant, chance, lines });
  } catch (error) {
    if (/: (400|404) /.test(String(error))) return undefined;
    throw error;
  }
}
