import * as z from 'zod';
import { AtlassianError } from '../../atlassian/errors.ts';
import { fit } from '../../atlassian/list.ts';
import { userSchema } from '../../atlassian/schemas.ts';
import { putAuthors, readDueAuthors } from '../../index/authors.ts';
import { misfitProblems, type Step } from '../step.ts';

const MAX_USERS = 250;

const answerSchema = z.object({ results: z.array(z.unknown()) });

/** Fetches the names of the people that the run came across, 250 at a time. */
export const authors: Step<'authors'> = async (context) => {
  const { deps, gateway, tenantId } = context;
  const accountIds = await readDueAuthors(deps, tenantId, MAX_USERS);
  if (accountIds.length === 0) return { position: { step: 'finish', cursor: null } };
  const answer = answerSchema.safeParse(await gateway.usersBulk(accountIds));
  if (!answer.success) throw new AtlassianError('malformed', 'users-bulk has another form than documented');
  const { items, misfits } = fit(answer.data.results, userSchema);
  await putAuthors(deps, tenantId, accountIds, items);
  return {
    position: accountIds.length < MAX_USERS ? { step: 'finish', cursor: null } : { step: 'authors', cursor: null },
    problems: misfitProblems(context, 'user', misfits),
  };
};
