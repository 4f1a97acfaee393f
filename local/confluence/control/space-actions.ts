import { z } from 'zod';
import { changeSpace, deleteSpace, type SpaceChange } from '../content/space-mutations.ts';
import type { Simulator } from '../simulator.ts';
import { Refused } from './request.ts';

type SpaceAction = (simulator: Simulator, site: number, id: number, body: unknown) => void;

const change =
  (what: SpaceChange): SpaceAction =>
  (simulator, site, id) =>
    changeSpace(simulator, site, id, what);

/** What can be done at `POST /_simulator/sites/{cloudId}/spaces/{key}/{action}`. */
export const SPACE_ACTIONS: Readonly<Record<string, SpaceAction>> = {
  rename: (simulator, site, id, body) => {
    changeSpace(simulator, site, id, z.strictObject({ name: z.string().min(1) }).parse(body));
  },
  'change-type': (simulator, site, id, body) => {
    // Not from a list: a type that does not exist yet is what open enums are tested with.
    changeSpace(simulator, site, id, z.strictObject({ type: z.string().min(1) }).parse(body));
  },
  archive: change({ status: 'archived' }),
  unarchive: change({ status: 'current' }),
  hide: change({ hidden: true }),
  unhide: change({ hidden: false }),
  block: change({ blocked: true }),
  unblock: change({ blocked: false }),
  delete: (simulator, site, id) => deleteSpace(simulator, site, id),
};

export function spaceIdOf({ database }: Simulator, site: number, key: string): number {
  const space = database.get<{ id: number }>('SELECT id FROM space WHERE site = ? AND key = ?', site, key);
  if (!space) throw new Refused(404, `there is no space ${key}`);
  return space.id;
}
