/**
 * A process that wants the token, for tests with real processes: `fork(refresh-process.ts, [tenantId, deathPoint])`. It says
 * `ready`, waits for `go`, and answers with a hash of the token or with the error. With a death point it kills itself
 * there, as a crash would: no handler runs, nothing is flushed.
 */
import { createHash } from 'node:crypto';
import '../../local/key-vault/localhost-lookup.ts';
import { getAccessToken } from '../../shared/connection/tokens.ts';
import type { Deps } from '../../shared/platform/deps.ts';
import { SecretText } from '../../shared/platform/secret-text.ts';
import { processDeps } from './process-deps.ts';

export type DeathPoint =
  | 'after-taking-the-lease'
  | 'before-the-exchange'
  | 'after-the-exchange'
  | 'after-storing'
  | 'after-recording';

const [tenantId = '', deathPoint = ''] = process.argv.slice(2);

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal is not delivered synchronously; nothing may happen in between.
  for (;;);
}

/** Calls of the clients are watched from outside: the code under test knows nothing of it. */
function dying(deps: Deps): Deps {
  const on = <T extends object>(
    target: T,
    method: string,
    point: DeathPoint,
    when: 'before' | 'after',
    call = 1,
  ): T => {
    let calls = 0;
    return new Proxy(target, {
      get(object, name) {
        const member = Reflect.get(object, name) as unknown;
        if (typeof member !== 'function') return member;
        if (name !== method || point !== deathPoint) return member.bind(object);
        return async (...values: unknown[]) => {
          calls += 1;
          if (calls === call && when === 'before') die();
          const result: unknown = await member.apply(object, values);
          if (calls === call) die();
          return result;
        };
      },
    });
  };
  // The first read showed that the token expires; the second is the one under the lease.
  let secrets = on(deps.secrets, 'getSecret', 'after-taking-the-lease', 'before', 2);
  secrets = on(secrets, 'setSecret', 'after-the-exchange', 'before');
  secrets = on(secrets, 'setSecret', 'after-storing', 'after');
  secrets = on(secrets, 'updateSecretProperties', 'after-recording', 'before');
  const atlassian = deps.atlassian.compose((dispatch) => (options, handler) => {
    if (deathPoint === 'before-the-exchange' && options.path.endsWith('/oauth/token')) die();
    return dispatch(options, handler);
  });
  return { ...deps, secrets, atlassian };
}

process.once('message', async () => {
  try {
    const token = await getAccessToken(dying(processDeps(process.env)), tenantId);
    process.send?.({ token: createHash('sha256').update(SecretText.reveal(token)).digest('hex') });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
  process.disconnect();
});
process.send?.('ready');
