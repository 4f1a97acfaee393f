import type { ElementHandler } from '../context.ts';
import { pushAnchor } from '../link-elements.ts';
import { issueSearchUrl, issueUrl } from '../links.ts';
import { collapseSpace } from '../phrasing.ts';
import { mention } from '../references.ts';
import { readResource, resourceElement } from '../resources.ts';
import { parameter, parameterElement, pushMark } from './macro.ts';

/** `status`: its text as a lozenge. The colour says nothing that the text does not. */
export const status: ElementHandler = (macro, style, _page, out) => {
  const label = collapseSpace(parameter(macro, 'title') ?? parameter(macro, 'colour', 'color') ?? '').trim();
  if (label !== '') out.push({ kind: 'node', node: { type: 'inlineCode', value: label }, style });
};

/** `jira`: a link to the issue, or to the search that the macro shows. */
export const jira: ElementHandler = (macro, style, page, out) => {
  const key = parameter(macro, 'key', '');
  const query = parameter(macro, 'jqlQuery', 'jql');
  if (key && /^[A-Za-z][A-Za-z0-9_]*-\d+$/.test(key)) {
    // Issues are often put side by side with nothing in between; their keys are separate words.
    const last = out.at(-1);
    if (last?.kind === 'text' && last.style.link) out.push({ kind: 'text', value: ' ', style });
    out.push({ kind: 'text', value: key, style: { ...style, link: { url: issueUrl(page.site, key) } } });
  } else if (query) {
    const link = { url: issueSearchUrl(page.site, query) };
    out.push({ kind: 'text', value: `Jira issues: ${query}`, style: { ...style, link } });
  } else pushMark(key ? `jira: ${key}` : 'jira', style, out);
};

/** `anchor`: a place in the page. */
export const anchor: ElementHandler = (macro, style, page, out) => {
  const name = parameter(macro, '', 'name');
  if (name) pushAnchor(name, style, page, out);
};

/** `profile`: a person. */
export const profile: ElementHandler = (macro, style, page, out) => {
  const holder = parameterElement(macro, 'user') ?? parameterElement(macro, '');
  const found = holder && resourceElement(holder);
  const resource = found && readResource(found, page);
  if (resource?.kind === 'user') {
    page.accountIds.add(resource.accountId);
    out.push({ kind: 'node', node: mention(page.site, resource.accountId), style });
  } else if (resource?.kind === 'text') out.push({ kind: 'text', value: resource.label, style });
  else pushMark('profile', style, out);
};
