import { listSites } from '../content/sites.ts';
import { escapeHtml } from '../http/html.ts';
import type { Simulator } from '../simulator.ts';
import { layout } from './layout.ts';

/** A start page for people who open the simulator's address in a browser. */
export function renderHome(simulator: Simulator): string {
  const sites = listSites(simulator).filter((site) => site.confluence && !site.removed);
  const items = sites.map(
    (site) =>
      `<li><a href="/site/${escapeHtml(site.name)}/wiki">${escapeHtml(site.name)}</a> <span class="muted">${site.cloudId}</span></li>`,
  );
  return layout(
    'Confluence Cloud simulator',
    `<h1>Confluence Cloud simulator</h1>
<p>Stands in for Atlassian's authorization server, its API gateway and the sites below. Its switches are under
<code>/_simulator/</code>; see <code>local/confluence/README.md</code>.</p>
<ul>${items.join('\n')}</ul>`,
  );
}
