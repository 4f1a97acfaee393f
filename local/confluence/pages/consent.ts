import { escapeHtml } from '../http/html.ts';
import type { ConsentAccount, ConsentSite } from '../oauth/authorize.ts';
import { scopeInWords } from '../oauth/scope-words.ts';
import { layout } from './layout.ts';

export interface ConsentView {
  appName: string;
  scopes: readonly string[];
  accounts: readonly ConsentAccount[];
  chosen: ConsentAccount | undefined;
  sites: readonly ConsentSite[];
  /** The authorize query, carried through the form. */
  query: string;
}

/** The consent page: account, sites, scopes in words, Accept and Cancel. */
export function renderConsent(view: ConsentView): string {
  const { appName, chosen } = view;
  return layout(
    `Authorize ${appName}`,
    `<h1>${escapeHtml(appName)} is requesting access to your Atlassian account</h1>
<p class="notice" role="note">This app has not been reviewed by Atlassian. Only accept if you trust its owner.</p>
${accountChooser(view)}
<form method="post" action="/authorize">
  <input type="hidden" name="request" value="${escapeHtml(view.query)}">
  <input type="hidden" name="account" value="${escapeHtml(chosen?.accountId ?? '')}">
  ${sitePicker(view.sites)}
  <h2>It would like to</h2>
  <ul>${view.scopes.map((scope) => `<li>${escapeHtml(scopeInWords(scope))} <span class="muted">${escapeHtml(scope)}</span></li>`).join('\n')}</ul>
  <div class="actions">
    <button class="primary" name="decision" value="accept">Accept</button>
    <button name="decision" value="cancel">Cancel</button>
  </div>
</form>`,
  );
}

function accountChooser({ accounts, chosen, query }: ConsentView): string {
  const options = accounts.map((account) => {
    const selected = account.accountId === chosen?.accountId ? ' selected' : '';
    return `<option value="${escapeHtml(account.accountId)}"${selected}>${escapeHtml(account.displayName)} (${escapeHtml(account.email)})</option>`;
  });
  const carried = [...new URLSearchParams(query)].map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return `<form method="get" action="/authorize">
  ${carried.join('\n  ')}
  <h2><label for="account">Signed in as</label></h2>
  <select id="account" name="account" onchange="this.form.submit()">${options.join('\n')}</select>
  <noscript><button>Switch account</button></noscript>
</form>`;
}

function sitePicker(sites: readonly ConsentSite[]): string {
  if (sites.length === 0) return '<h2>Use app on</h2><p class="muted">This account has no site.</p>';
  const choices = sites.map((site, index) => {
    const products = [site.confluence ? 'Confluence' : '', site.jira ? 'Jira' : ''].filter(Boolean).join(', ');
    const checked = index === 0 ? ' checked' : '';
    return `<label class="choice"><input type="checkbox" name="site" value="${escapeHtml(site.cloudId)}"${checked}>
    ${escapeHtml(new URL(site.url).host)} <span class="muted">${products || 'no product'}</span></label>`;
  });
  return `<h2>Use app on</h2>\n${choices.join('\n')}`;
}

/** Shown instead of a redirect when the authorize request is wrong. */
export function renderRefusal(problem: string): string {
  return layout(
    'Something went wrong',
    `<h1>Something went wrong</h1>
<p class="error" role="alert">${escapeHtml(problem)}</p>
<p class="muted">The app that sent you here has to correct this. Nothing was granted.</p>`,
  );
}
