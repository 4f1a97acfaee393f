import { randomBytes } from 'node:crypto';
import type { Deps } from '../platform/deps.ts';
import type { CallbackOutcome } from './callback.ts';
import type { StateProblem } from './oauth-state.ts';

export interface CallbackPage {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The page in the pop-up window after consent. It tells the dashboard's window how it went and closes; without that window
 * (a browser that cut the link, a consent begun elsewhere) it reads as a page of its own and links to the dashboard. The
 * completion travels in the fragment there, which browsers send to no server.
 *
 * The message goes to `DASHBOARD_ORIGIN` only: another site that opened the window gets nothing.
 */
export function renderCallbackPage(
  settings: Pick<Deps['settings'], 'DASHBOARD_ORIGIN'>,
  outcome: CallbackOutcome,
): CallbackPage {
  const nonce = randomBytes(16).toString('base64');
  const { title, text } = words(outcome);
  const completion = outcome.status === 'granted' ? outcome.completion : undefined;
  const message = { type: 'confluence', status: outcome.status, ...(completion ? { completion } : {}) };
  const link = `${settings.DASHBOARD_ORIGIN}/${completion ? `#completion=${completion}` : ''}`;
  return {
    status: outcome.status === 'invalid_state' ? 400 : outcome.status === 'failed' ? 502 : 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': [
        "default-src 'none'",
        `script-src 'nonce-${nonce}'`,
        `style-src 'nonce-${nonce}'`,
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
    },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.4rem; line-height: 1.25; }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${text.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('\n')}
<p><a id="dashboard" rel="noreferrer" href="${escapeHtml(link)}">${completion ? 'Finish in the dashboard' : 'Back to the dashboard'}</a></p>
</main>
<script type="application/json" id="message">${scriptJson(message)}</script>
<script nonce="${nonce}">
if (window.opener) {
  const message = JSON.parse(document.getElementById('message').textContent);
  window.opener.postMessage(message, ${scriptJson(settings.DASHBOARD_ORIGIN)});
  window.close();
}
</script>
</body>
</html>
`,
  };
}

function words(outcome: CallbackOutcome): { title: string; text: string[] } {
  switch (outcome.status) {
    case 'granted':
      return {
        title: 'Access to Confluence was granted',
        text: [
          `${nameOf(outcome.account)} granted access to ${listed(outcome.sites.map(({ name, url }) => `${name} (${url})`))}.`,
          'Finish in the dashboard within ten minutes. If you did not start this there, close this window: nothing is connected.',
        ],
      };
    case 'denied':
      return {
        title: 'Access was not granted',
        text: ['You chose not to grant access at Atlassian. Nothing was changed.'],
      };
    case 'no_confluence_site':
      return {
        title: 'No Confluence site',
        text: [
          `${nameOf(outcome.account)} granted access, but to no site with Confluence. Nothing was connected.`,
          'Connect again with an account that can use Confluence, and choose a site that has it.',
        ],
      };
    case 'failed':
      return {
        title: 'Connecting did not work',
        text: ['Atlassian or this application had a problem. Nothing was changed; please connect again.'],
      };
    case 'invalid_state':
      return { title: 'This link cannot be used', text: [stateWords[outcome.problem]] };
  }
}

const stateWords: Readonly<Record<StateProblem, string>> = {
  missing: 'It carries no sign of where it was started. Open the dashboard and choose Connect there.',
  unknown: 'It was not started for this tenant. Open the dashboard and choose Connect there. Nothing was connected.',
  expired: 'It took longer than ten minutes to come back. Open the dashboard and choose Connect again.',
  used: 'It was used before. If Confluence is not connected yet, open the dashboard and choose Connect again.',
};

function nameOf({ name, accountId }: { name?: string; accountId: string }): string {
  return name ?? `The account ${accountId}`;
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** JSON that cannot end the script element it stands in. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
