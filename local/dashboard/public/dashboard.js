// Shows what the backend heard about the connection, and lets the tile look again at once.

const POLL_MS = 2_000;

const place = document.getElementById('notices');
const tile = document.querySelector('confluence-tile');
const dismissed = new Set(JSON.parse(sessionStorage.getItem('dismissed') ?? '[]'));
const shown = new Set();

const words = {
  'confluence.connected': ({ site }) => `Confluence is connected${site?.url ? ` to ${site.url}` : ''}.`,
  'confluence.reconnect_required': () => 'Confluence needs you: the connection has to be renewed with Reconnect.',
  'confluence.sync_failed': () => 'The last sync of Confluence failed. The Confluence tile says why.',
  'confluence.disconnected': () => 'Confluence is disconnected.',
};

async function look() {
  const response = await fetch(place.dataset.url).catch(() => undefined);
  if (!response?.ok) return;
  const { notices } = await response.json();
  const fresh = notices.filter(({ id }) => !shown.has(id));
  for (const { id } of fresh) shown.add(id);
  // Each state replaces the one before: only the latest is worth a person's attention.
  const latest = notices.at(-1);
  if (fresh.length === 0) return;
  place.replaceChildren(...(latest && !dismissed.has(latest.id) ? [render(latest)] : []));
  tile?.refresh?.();
}

function render({ id, type, time, data }) {
  const notice = document.createElement('div');
  notice.className = 'notice';
  notice.dataset.type = type;
  const text = document.createElement('p');
  text.textContent = words[type]?.(data) ?? type;
  const when = document.createElement('time');
  when.dateTime = time;
  when.textContent = new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const close = document.createElement('button');
  close.type = 'button';
  close.textContent = 'Dismiss';
  close.addEventListener('click', () => {
    dismissed.add(id);
    sessionStorage.setItem('dismissed', JSON.stringify([...dismissed]));
    notice.remove();
  });
  notice.append(text, when, close);
  return notice;
}

await look();
setInterval(() => document.visibilityState === 'visible' && look(), POLL_MS);
