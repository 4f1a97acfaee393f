import * as z from 'zod';
import type { Deps } from '../platform/deps.ts';
import type { SecretText } from '../platform/secret-text.ts';
import { classify } from './classify.ts';
import { AtlassianError } from './errors.ts';
import { sendToAtlassian } from './send.ts';

/** The most accounts that one call may report. */
export const MAX_REPORTED = 90;
const DEFAULT_CYCLE_DAYS = 7;

export interface ReportedAccount {
  readonly accountId: string;
  /** When its personal data was read, ISO 8601. */
  readonly updatedAt: string;
}

export interface ReportAnswer {
  /** Accounts that something has to be done about; the others are as they were. */
  readonly changed: ReadonlyMap<string, 'closed' | 'updated'>;
  /** Days until the same account is to be reported again. */
  readonly cycleDays: number;
}

const answerSchema = z.object({ accounts: z.array(z.object({ accountId: z.string(), status: z.string() })) });

/**
 * Reports accounts whose personal data we hold, which every 3LO app must do: Atlassian says which were closed (erase
 * their data) or updated (read it again). Any valid token of the app will do. Throws {@link AtlassianError}.
 */
export async function reportAccounts(
  deps: Pick<Deps, 'settings' | 'atlassian' | 'now'>,
  token: SecretText,
  accounts: readonly ReportedAccount[],
): Promise<ReportAnswer> {
  const answer = await sendToAtlassian(deps, {
    method: 'POST',
    url: `${deps.settings.ATLASSIAN_API_URL}/app/report-accounts/`,
    token,
    json: { accounts },
    timeoutMs: 20_000,
  });
  const cycleDays = Number(answer.headers['cycle-period']);
  const cycle = { cycleDays: cycleDays > 0 ? cycleDays : DEFAULT_CYCLE_DAYS };
  if (answer.status === 204) return { changed: new Map(), ...cycle };
  if (answer.status !== 200) throw classify(answer, 'api', deps.now());
  return { changed: parseChanged(answer.text), ...cycle };
}

function parseChanged(text: string): Map<string, 'closed' | 'updated'> {
  const changed = new Map<string, 'closed' | 'updated'>();
  for (const { accountId, status } of parse(text).accounts) {
    if (status === 'closed' || status === 'updated') changed.set(accountId, status);
  }
  return changed;
}

function parse(text: string): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch {
    throw new AtlassianError('malformed', 'report-accounts has another form than documented');
  }
}
