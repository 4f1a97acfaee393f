import { z } from 'zod';
import { placeholders } from '../database.ts';
import type { Call } from '../gateway/call.ts';
import { v2Error } from '../gateway/errors.ts';
import { type Answer, json } from '../http/exchange.ts';
import { parseJson } from '../http/parse-json.ts';

const bodySchema = z.object({ accountIds: z.array(z.string().min(1)).min(1).max(250) });

interface AccountRow {
  accountId: string;
  displayName: string;
  email: string;
  timeZone: string;
  status: string;
}

/** `POST /users-bulk`: a read in spite of its verb. Unknown ids are left out; each person costs two points. */
export async function readUsers(call: Call): Promise<Answer> {
  const body = bodySchema.safeParse(parseJson(await call.exchange.body()));
  if (!body.success) return v2Error(400, 'INVALID_REQUEST_BODY', z.prettifyError(body.error));
  const { accountIds } = body.data;
  const rows = call.simulator.database.all<AccountRow>(
    `SELECT accountId, displayName, email, timeZone, status FROM account WHERE accountId IN (${placeholders(accountIds)})`,
    ...accountIds,
  );
  call.charge({ identities: rows.length });
  return json(200, { results: rows.map(userJson), _links: { base: `${call.site.url}/wiki` } });
}

function userJson(row: AccountRow): object {
  const closed = row.status === 'closed';
  const name = closed ? 'Former user' : row.displayName;
  return {
    accountId: row.accountId,
    accountType: closed ? 'unknown' : 'atlassian',
    accountStatus: row.status,
    displayName: name,
    publicName: name,
    email: closed ? '' : row.email,
    timeZone: row.timeZone,
    isExternalCollaborator: false,
    profilePicture: { path: '/wiki/aa-avatar/default', isDefault: true },
  };
}
