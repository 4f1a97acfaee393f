import type { Simulator } from '../simulator.ts';
import { touchSearch } from './search-index.ts';
import { MAIN_ACCOUNT } from './site-setup.ts';
import { takeId } from './sites.ts';

export interface NewSpace {
  key: string;
  name: string;
  type: string;
  description: string;
}

export function createSpace(simulator: Simulator, site: number, space: NewSpace): number {
  const id = takeId(simulator, site);
  simulator.database.run(
    "INSERT INTO space (site, id, key, name, type, status, description, authorId, createdAt) VALUES (?, ?, ?, ?, ?, 'current', ?, ?, ?)",
    site,
    id,
    space.key,
    space.name,
    space.type,
    space.description,
    MAIN_ACCOUNT,
    simulator.clock.now(),
  );
  return id;
}

/** Columns of a space that can be changed: its name and type, whether it is archived, hidden or blocked for apps. */
export interface SpaceChange {
  name?: string;
  type?: string;
  status?: 'current' | 'archived';
  hidden?: boolean;
  blocked?: boolean;
}

export function changeSpace({ database }: Simulator, site: number, id: number, change: SpaceChange): void {
  const flag = (value: boolean | undefined) => (value === undefined ? null : value ? 1 : 0);
  database.run(
    `UPDATE space SET name = coalesce(?, name), type = coalesce(?, type), status = coalesce(?, status),
       hidden = coalesce(?, hidden), blocked = coalesce(?, blocked) WHERE site = ? AND id = ?`,
    change.name ?? null,
    change.type ?? null,
    change.status ?? null,
    flag(change.hidden),
    flag(change.blocked),
    site,
    id,
  );
}

/** Deletes a space with all that is in it; nothing of it shows up in any trash. */
export function deleteSpace(simulator: Simulator, site: number, id: number): void {
  const { database } = simulator;
  const inSpace = 'SELECT id FROM content WHERE site = ? AND spaceId = ?';
  database.transaction(() => {
    const content = database.all<{ id: number; kind: 'page' | 'blogpost' | 'folder' }>(
      'SELECT id, kind FROM content WHERE site = ? AND spaceId = ?',
      site,
      id,
    );
    for (const table of ['body', 'version', 'contentLabel', 'attachment']) {
      database.run(`DELETE FROM ${table} WHERE site = ? AND contentId IN (${inSpace})`, site, site, id);
    }
    database.run(
      'DELETE FROM label WHERE site = ? AND id NOT IN (SELECT labelId FROM contentLabel WHERE site = ?)',
      site,
      site,
    );
    database.run('DELETE FROM content WHERE site = ? AND spaceId = ?', site, id);
    database.run('DELETE FROM space WHERE site = ? AND id = ?', site, id);
    for (const { id: contentId, kind } of content) if (kind !== 'folder') touchSearch(simulator, site, contentId, kind);
  });
}
