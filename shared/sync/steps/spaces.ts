import { getListPage } from '../../atlassian/list.ts';
import { spaceSchema } from '../../atlassian/schemas.ts';
import { putSpaces } from '../../index/spaces.ts';
import { misfitProblems, type Step } from '../step.ts';

/**
 * Lists the current spaces, one synced type after the other: REST v2 filters by one type and knows no "all but
 * personal". Types that are not asked for are never seen, whatever Atlassian adds.
 */
export const spaces: Step<'spaces'> = async (context, cursor) => {
  const { deps, gateway, tenantId, site, run } = context;
  const types = deps.settings.SYNC_SPACE_TYPES;
  const type = types[cursor.typeIndex];
  if (type === undefined) return { position: { step: 'pages', cursor: null } };
  const listed = await getListPage(
    gateway,
    '/wiki/api/v2/spaces',
    { type, status: 'current', sort: 'id', limit: cursor.limit, cursor: cursor.cursor },
    spaceSchema,
  );
  // The filter is the server's; a personal space must not slip in should it ever be ignored.
  const wanted = listed.items.filter((space) => space.type === type && space.status === 'current');
  await putSpaces(deps, tenantId, site.cloudId, run.runId, wanted);
  context.forgetSpaces();
  return {
    position: {
      step: 'spaces',
      cursor:
        listed.nextCursor === undefined
          ? { typeIndex: cursor.typeIndex + 1, limit: 250 }
          : { ...cursor, cursor: listed.nextCursor },
    },
    counts: { spaces: wanted.length, skipped: listed.misfits.length },
    problems: misfitProblems(context, 'space', listed.misfits),
  };
};
