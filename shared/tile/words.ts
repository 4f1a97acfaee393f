import type { Connection, ReconnectReason, Run, RunCounters } from './api-types.ts';

const numbers = new Intl.NumberFormat('en');

export function count(value: number, one: string, many = `${one}s`): string {
  return `${numbers.format(value)} ${value === 1 ? one : many}`;
}

export function number(value: number): string {
  return numbers.format(value);
}

/** Why the connection has to be renewed, and what to do. */
export function reconnectWords({ reason, site, missingScopes = [] }: Connection): string {
  const words: Readonly<Record<ReconnectReason, string>> = {
    revoked:
      'Atlassian does not accept our access any more: somebody has removed it, or it has lapsed. Reconnect to grant it again.',
    access_lost: `The account that connected has lost its access to Confluence on ${site?.url ?? 'the site'}. Give it back there, or reconnect with another account.`,
    scopes_missing: `The consent lacks permissions that are needed${missingScopes.length > 0 ? `: ${missingScopes.join(', ')}` : ''}. Reconnect to grant them.`,
    site_gone: `${site?.url ?? 'The site'} is no longer among the sites that this consent covers. Reconnect and include it, or choose another site.`,
  };
  return words[reason ?? 'revoked'];
}

export function runTitle({ trigger, mode }: Run): string {
  if (trigger === 'connect') return 'First sync';
  if (trigger === 'manual') return 'Triggered sync';
  return mode === 'full' ? 'Scheduled full sync' : 'Scheduled sync';
}

/** What a run came to, in one sentence. */
export function runSummary(run: Run): string {
  switch (run.state) {
    case 'queued':
      return 'Waiting for its turn.';
    case 'running':
    case 'waiting':
      return `${changes(run.counters)} so far.`;
    case 'succeeded':
      return `${changes(run.counters)}.`;
    case 'failed':
      return errorWords(run);
    case 'canceled':
      return `Stopped. ${changes(run.counters)} before that.`;
  }
}

function changes({ written, removed, unchanged }: RunCounters): string {
  const parts = [
    written > 0 ? `${count(written, 'page')} added or updated` : '',
    removed > 0 ? `${number(removed)} removed` : '',
  ].filter(Boolean);
  const same = unchanged > 0 ? `${number(unchanged)} unchanged` : '';
  if (parts.length === 0) return same ? `No changes, ${same}` : 'No changes';
  return [...parts, same].filter(Boolean).join(', ');
}

const ERRORS: Readonly<Record<string, string>> = {
  confluence_unavailable: 'Confluence did not answer properly for some time.',
  access_lost: 'The connecting account may not use Confluence on this site.',
  not_found: 'Confluence did not find what was asked for.',
  forbidden: 'Confluence refused access.',
  app_blocked: 'An administrator of the site has blocked this app.',
  client_secret_invalid: 'Atlassian refuses this application’s own credentials; its operator has to correct them.',
  scope_missing: 'The consent lacks a permission that was needed; Reconnect grants it.',
  gone: 'Atlassian has removed an interface that this sync needs.',
};

/** Why a run failed. A code that has no words yet speaks for itself. */
export function errorWords({ error }: Run): string {
  if (!error) return 'It failed without a reason.';
  return ERRORS[error.code] ?? `${error.detail} (${error.code})`;
}

const PROBLEMS: Readonly<Record<string, string>> = {
  item_misfit: 'Confluence described an item in an unexpected way; it was left out',
  page_unreadable: 'A page could not be read; its former version stays',
  space_unreadable: 'A space could not be listed; its pages stay as they are',
  pass_failed: 'A part of the sync was skipped and is tried again next time',
  mass_absence: 'Many pages have disappeared at once; they stay until a later sync confirms it',
};

export function problemWords({ code, detail }: { code: string; detail: string }): string {
  const words = PROBLEMS[code];
  return words ? `${words} (${detail}).` : detail;
}

const SPACE_TYPES: Readonly<Record<string, string>> = {
  global: 'Global space',
  knowledge_base: 'Knowledge base',
  collaboration: 'Collaboration space',
  personal: 'Personal space',
};

export function spaceTypeWords(type: string): string {
  return SPACE_TYPES[type] ?? type;
}
