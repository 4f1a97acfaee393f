import type { ConfluencePage } from '../atlassian/schemas.ts';
import type { PageHead } from '../index/page.ts';

/**
 * Whether a listed page differs from what is stored. Labels, moves and archiving do not reliably make a new version,
 * and deleting an old version renumbers the rest, so date, number and place are all compared.
 *
 * @param spaceKey of the listed page's space, when it is known
 */
export function isChanged(
  listed: ConfluencePage,
  stored: PageHead | undefined,
  spaceKey: string | undefined = stored?.spaceKey,
): boolean {
  if (!stored || stored.deletedAt !== undefined) return true;
  return (
    listed.version.number !== stored.version.number ||
    Date.parse(listed.version.createdAt) !== Date.parse(stored.version.createdAt) ||
    listed.title !== stored.title ||
    (listed.parentId ?? null) !== (stored.parentId ?? null) ||
    listed.spaceId !== stored.spaceId ||
    spaceKey !== stored.spaceKey ||
    listed.status !== stored.status
  );
}
