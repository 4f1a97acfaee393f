import type { Simulator } from '../simulator.ts';

/** Lets only these accounts see a page and everything below it; undefined lifts its own restriction. */
export function restrict(
  simulator: Simulator,
  site: number,
  id: number,
  accountIds: readonly string[] | undefined,
): void {
  simulator.database.transaction(() => {
    simulator.database.run(
      'UPDATE content SET restrictedTo = ? WHERE site = ? AND id = ?',
      accountIds?.join(' ') ?? null,
      site,
      id,
    );
    refreshVisibility(simulator, site, id);
  });
}

/** Works out anew who sees a page and what is below it: whoever its own restriction and every one above it name. */
export function refreshVisibility({ database }: Simulator, site: number, id: number): void {
  const above = database.get<{ visibleTo: string | null }>(
    'SELECT p.visibleTo FROM content c JOIN content p ON p.site = c.site AND p.id = c.parentId WHERE c.site = ? AND c.id = ?',
    site,
    id,
  );
  const pending: { id: number; inherited: string | null }[] = [{ id, inherited: above?.visibleTo ?? null }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const row = database.get<{ restrictedTo: string | null; visibleTo: string | null }>(
      'SELECT restrictedTo, visibleTo FROM content WHERE site = ? AND id = ?',
      site,
      next.id,
    );
    if (!row) continue;
    const visibleTo = both(next.inherited, row.restrictedTo);
    if (visibleTo === row.visibleTo && next.id !== id) continue;
    database.run('UPDATE content SET visibleTo = ? WHERE site = ? AND id = ?', visibleTo, site, next.id);
    const children = database.all<{ id: number }>(
      'SELECT id FROM content WHERE site = ? AND parentId = ?',
      site,
      next.id,
    );
    pending.push(...children.map((child) => ({ id: child.id, inherited: visibleTo })));
  }
}

/** Who is in both lists; null stands for everybody. */
function both(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  const others = new Set(other.split(' '));
  return one
    .split(' ')
    .filter((accountId) => others.has(accountId))
    .join(' ');
}
