import assert from 'node:assert/strict';
import type { LoggedRequest } from '../../local/confluence/control/request-log.ts';
import type { Group } from '../../shared/tool/groups.ts';

/** The group of a path, said once more and on its own, so that a gap in the tool's table shows. */
function groupOf(path: string): Group | undefined {
  const api = path.replace(/^\/ex\/confluence\/[0-9a-f-]{36}/, '');
  if (api === '/wiki/api/v2/users-bulk') return 'users';
  if (api === '/wiki/rest/api/search') return 'search';
  if (
    /^\/wiki\/api\/v2\/((pages|blogposts|labels)\/\d+\/)?attachments(\/(att)?\d+(\/(labels|versions(\/\d+)?))?)?$/.test(
      api,
    )
  )
    return 'attachments';
  if (/^\/wiki\/api\/v2\/spaces(\/\d+(\/labels)?)?$/.test(api)) return 'spaces';
  if (
    /^\/wiki\/api\/v2\/(pages|blogposts|labels)(\/\d+(\/(direct-children|descendants|labels|pages|blogposts|versions(\/\d+)?))?)?$/.test(
      api,
    )
  )
    return 'pages';
  if (/^\/wiki\/api\/v2\/spaces\/\d+\/(pages|blogposts)$/.test(api)) return 'pages';
  return undefined;
}

const NEVER =
  /^(expand|get-draft|include-(properties|operations|permissions|role-assignments|webresources).*|cqlcontext|.*token.*)$/i;

/** Nothing but allowed GETs and `users-bulk` arrived, and nothing of a group that is off. */
export function assertOnlyReads(requests: readonly LoggedRequest[], groups: readonly Group[], cloudId: string): void {
  for (const { method, path, query } of requests) {
    const shown = `${method} ${path}?${query}`;
    const group = groupOf(path);
    assert.ok(path.startsWith(`/ex/confluence/${cloudId}/`), `${shown} went to another site`);
    assert.ok(group !== undefined, `${shown} is on no list`);
    assert.equal(method, group === 'users' ? 'POST' : 'GET', shown);
    assert.ok(groups.includes(group), `${shown} belongs to ${group}, which is off`);
    for (const [name, value] of new URLSearchParams(query)) {
      assert.doesNotMatch(name, NEVER, shown);
      if (name === 'body-format') assert.match(value, /^(storage|atlas_doc_format)$/, shown);
      if (name === 'status') assert.match(value, /^(current|archived)(,(current|archived))?$/, shown);
      if (name === 'include-likes' || name === 'include-collaborators') assert.ok(groups.includes('users'), shown);
    }
  }
}
