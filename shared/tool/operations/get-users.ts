import * as z from 'zod';
import { AtlassianError } from '../../atlassian/errors.ts';
import { fit } from '../../atlassian/list.ts';
import { listSchema, userSchema } from '../../atlassian/schemas.ts';
import { defineOperation } from '../operation.ts';

export const getUsers = defineOperation({
  name: 'confluence_get_users',
  group: 'users',
  title: 'Look up people',
  description:
    'Turns account ids, as other operations give them for authors and mentions, into names. No other personal data is given. ' +
    'Example: {"accountIds": ["712020:5d1f3c62-0b7e-4a3d-9c11-6f8e2b40a917"]}.',
  input: z.strictObject({
    accountIds: z
      .array(
        z
          .string()
          .trim()
          .regex(/^[A-Za-z0-9:_-]{1,128}$/, 'must be an Atlassian account id'),
      )
      .min(1)
      .max(100)
      .describe('1 to 100 account ids.'),
  }),
  output: z.object({
    users: z.array(
      z.object({ accountId: z.string(), name: z.string().nullable(), accountStatus: z.string().optional() }),
    ),
    notFound: z.array(z.string()).optional().describe('Accounts that Confluence does not show.'),
  }),
  async run(context, { accountIds }) {
    const wanted = [...new Set(accountIds)];
    const envelope = listSchema.safeParse(await context.confluence.usersBulk(wanted));
    if (!envelope.success) throw new AtlassianError('malformed', 'users-bulk has another form than documented');
    const users = fit(envelope.data.results, userSchema).items.map((user) => ({
      accountId: user.accountId,
      name: user.displayName || user.publicName || null,
      ...(user.accountStatus ? { accountStatus: user.accountStatus } : {}),
    }));
    const absent = wanted.filter((accountId) => !users.some((user) => user.accountId === accountId));
    return { users, ...(absent.length > 0 ? { notFound: absent } : {}) };
  },
});
