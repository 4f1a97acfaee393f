/** One attempt to get more than an agent may, and the only answers that are right. */
export interface Attempt {
  readonly name: string;
  readonly operation: string;
  readonly args: unknown;
  /** Codes of the error; `ok` where the attempt is harmless and simply answered. */
  readonly expected: readonly string[];
  /** Which agent tries; `reader` has every group. */
  readonly as?: 'reader' | 'searcher' | 'pages' | 'nobody';
}

const REFUSED = ['not_allowed'];
const INVALID = ['invalid_arguments'];

/** `{page}`, `{secretPage}` (in an excluded space) and `{cloudId}` are filled in by the test. */
export const ATTEMPTS: readonly Attempt[] = [
  ...methods(),
  ...paths(),
  ...queries(),
  ...cql(),
  ...ids(),
  ...shapes(),
  ...names(),
  ...disabledGroups(),
  ...excludedSpace(),
];

function methods(): Attempt[] {
  const refused = [
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'HEAD',
    'OPTIONS',
    'TRACE',
    'CONNECT',
    'PROPFIND',
    'post',
    'dELETE',
  ];
  const odd = ['GET\r\nDELETE', 'GET POST', 'GET\u0000', 'ＧＥＴ', 'GЕT', 'X-HTTP-Method-Override: DELETE'];
  return [
    ...[...refused, ...odd].map((method) =>
      attempt(`method ${method}`, { method, path: '/wiki/api/v2/pages/{page}' }, REFUSED),
    ),
    attempt('method empty', { method: '', path: '/wiki/api/v2/pages/{page}' }, INVALID),
    attempt('method a number', { method: 7, path: '/wiki/api/v2/pages/{page}' }, INVALID),
    attempt('method a list', { method: ['GET', 'DELETE'], path: '/wiki/api/v2/pages/{page}' }, INVALID),
  ];
}

function paths(): Attempt[] {
  const refused = [
    '/',
    'wiki/api/v2/pages',
    '/wiki/api/v2',
    '/wiki/api/v2/',
    '/wiki/api/v2/pages/',
    '/wiki/api/v1/pages',
    '/WIKI/API/V2/PAGES',
    '/wiki/api/v2/pages/abc',
    '/wiki/api/v2/pages/-1',
    '/wiki/api/v2/pages/1e3',
    '/wiki/api/v2/pages/{page}/',
    '/wiki/api/v2/pages/../spaces',
    '/wiki/api/v2/pages/./{page}',
    '/wiki/api/v2/../../rest/api/content/{page}',
    '/wiki/api/v2/pages/..%2fspaces',
    '/wiki/api/v2/pages%2f{page}',
    '/wiki/api/v2/pages/%7Bpage%7D',
    '/wiki/api/v2/pages%252f{page}',
    '/wiki/api/v2/%2e%2e/rest/api/content',
    '/wiki/api/v2/pages/{page}%00',
    '/wiki/api/v2/pages/{page}%0d%0aX-Injected:%201',
    '/wiki/api/v2/pages/{page}\r\nX-Injected: 1',
    '/wiki/api/v2/pages/{page}\nHost: evil.example',
    '/wiki/api/v2/pages/{page} HTTP/1.1',
    '/wiki/api/v2\\pages\\{page}',
    '/wiki/api/v2//pages',
    '//evil.example/wiki/api/v2/pages',
    'https://evil.example/wiki/api/v2/pages',
    'http://169.254.169.254/latest/meta-data',
    'https://acme.atlassian.net/wiki/api/v2/pages',
    'HTTPS://acme.atlassian.net/wiki/api/v2/pages',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '@evil.example/wiki/api/v2/pages',
    '/wiki/api/v2/pages@evil.example',
    '/wiki/api/v2/pages;jsessionid=1',
    '/wiki/api/v2/pages;a=b/{page}',
    '/wiki/api/v2/pages/\u0661',
    '/wiki/api/v2/p\u0430ges',
    '/wiki/api/v2\uff0fpages',
    '/wiki/api/v2/pages/{page}\u2028',
    '/wiki/api/v2/pages#fragment',
    '/ex/confluence/00000000-0000-4000-8000-000000000000/wiki/api/v2/pages',
    'ex/confluence/{cloudId}/wiki/api/v2/pages',
    '/ex/jira/{cloudId}/rest/api/3/search',
    '/oauth/token',
    '/oauth/token/accessible-resources',
    '/me',
    '/wiki/rest/api/content',
    '/wiki/rest/api/content/{page}',
    '/wiki/rest/api/content/{page}/child/attachment',
    '/wiki/rest/api/content/search',
    '/wiki/rest/api/space',
    '/wiki/rest/api/user?accountId=1',
    '/wiki/rest/api/search/user',
    '/wiki/rest/api/search/',
    '/wiki/rest/api/settings',
    '/wiki/api/v2/users-bulk',
    '/wiki/api/v2/user/access/invite-by-email',
    '/wiki/api/v2/admin-key',
    '/wiki/api/v2/app/properties',
    '/wiki/api/v2/pages/{page}/properties',
    '/wiki/api/v2/pages/{page}/operations',
    '/wiki/api/v2/pages/{page}/ancestors',
    '/wiki/api/v2/pages/{page}/footer-comments',
    '/wiki/api/v2/pages/{page}/inline-comments',
    '/wiki/api/v2/pages/{page}/likes/users',
    '/wiki/api/v2/pages/{page}/custom-content',
    '/wiki/api/v2/folders/{page}',
    '/wiki/api/v2/tasks',
    '/wiki/api/v2/space-permissions',
    '/wiki/api/v2/spaces/1/permissions',
    '/wiki/api/v2/attachments/att1/thumbnail/download',
    '/wiki/api/v2/attachments/att1/download',
    '/wiki/download/attachments/{page}/file.pdf',
    '/wiki/download/thumbnails/{page}/file.png',
    '/wiki/rest/api/content/{page}/child/attachment/att1/download',
    '/wiki/plugins/servlet/oauth',
    '/wiki/api/v2/__proto__',
    '/wiki/api/v2/constructor',
    '/wiki/api/v2/pages/{page}?a=1?b=2',
  ];
  return refused.map((path) => attempt(`path ${path}`, { path }, REFUSED));
}

function queries(): Attempt[] {
  const page = '/wiki/api/v2/pages/{page}';
  const pages = '/wiki/api/v2/pages';
  const search = '/wiki/rest/api/search';
  const refused: [string, Record<string, unknown>][] = [
    [page, { expand: 'body.storage' }],
    [page, { 'get-draft': true }],
    [page, { 'include-properties': true }],
    [page, { 'include-operations': true }],
    [page, { 'include-webresources': true }],
    [page, { 'include-favorited-by-current-user-status': true }],
    [page, { EXPAND: 'body' }],
    [page, { __proto__x: '1' }],
    [page, { constructor: '1' }],
    [page, { 'status[]': 'draft' }],
    [page, { access_token: 'x' }],
    [page, { os_authType: 'basic' }],
    [page, { 'x\r\ny': '1' }],
    [page, { title: 'a\r\nX-Injected: 1' }],
    [`${page}?include-properties=true`, {}],
    [`${page}?__proto__=1`, {}],
    [`${page}?Status=current`, {}],
    [`${page}?body%2Dformat=storage&body-format=atlas_doc_format`, {}],
    [`${page}?version=1`, { version: 2 }],
    [`${page}?version=1&version=2`, {}],
    [pages, { serialize: 'true' }],
    [search, { cql: 'type = page', expand: 'content.body.storage' }],
    [search, { cql: 'type = page', cqlcontext: '{"contentStatuses":["draft"]}' }],
    [search, { cql: 'type = page', includeArchivedSpaces: true }],
    [search, { cql: 'type = page', start: 10 }],
    [search, { cql: 'type = page', sitePermissionTypeFilter: 'all' }],
    ['/wiki/api/v2/spaces/98305', { 'include-permissions': true }],
    ['/wiki/api/v2/spaces/98305', { 'include-role-assignments': true }],
    ['/wiki/api/v2/attachments/att1', { 'include-operations': true }],
  ];
  const invalid: [string, Record<string, unknown>][] = [
    [page, { 'body-format': 'view' }],
    [page, { 'body-format': 'export_view' }],
    [page, { 'body-format': 'storage,view' }],
    [page, { status: 'draft' }],
    [page, { status: 'trashed' }],
    [page, { 'include-labels': 'yes' }],
    [page, { version: '1 or 1=1' }],
    [pages, { status: 'current,deleted' }],
    [pages, { limit: 251 }],
    [pages, { limit: -1 }],
    [pages, { limit: '1e2' }],
    [pages, { id: '1,2;drop' }],
    [pages, { 'space-id': Array.from({ length: 101 }, (_, index) => index) }],
    [pages, { sort: 'password' }],
    [search, { cql: '' }],
    [search, {}],
    [search, { cql: 'type = page', excerpt: 'body' }],
  ];
  return [
    ...refused.map(([path, query]) => attempt(`query ${JSON.stringify(query)} on ${path}`, { path, query }, REFUSED)),
    ...invalid.map(([path, query]) => attempt(`value ${JSON.stringify(query)} on ${path}`, { path, query }, INVALID)),
    attempt('query a text', { path: pages, query: 'limit=1' }, INVALID),
    attempt('query nested', { path: pages, query: { limit: { $gt: 0 } } }, INVALID),
    attempt('query null', { path: pages, query: { limit: null } }, INVALID),
  ];
}

function cql(): Attempt[] {
  const harmless = ['ok', 'invalid_arguments'];
  const conditions: [string, readonly string[]][] = [
    ['type = page) OR (space = SECRET', INVALID],
    ['type = page)) OR ((space = SECRET', INVALID],
    [') OR (type = page', INVALID],
    ['(type = page', INVALID],
    ['type = page"', INVALID],
    ["title ~ 'a", INVALID],
    ['title ~ "a\\"', INVALID],
    ['title ~ "a\\\\" OR space = SECRET', harmless],
    ['type = page order by (select 1)', INVALID],
    ['order by created', INVALID],
    ['space = SECRET', harmless],
    ['space in (SECRET)', harmless],
    ['space = "SECRET" OR type = page', harmless],
    ['not (space != SECRET)', harmless],
    ['type = user', harmless],
    ['type = space', harmless],
    ['type = comment', harmless],
    ['user.fullname ~ "a"', harmless],
    ['type = page; drop table content', harmless],
    ['id = {secretPage}', harmless],
    ['ancestor = {secretPage}', harmless],
    ['text ~ "x" OR 1 = 1', harmless],
  ];
  const words = [
    'vpn") OR (space = "SECRET',
    'vpn" OR space = SECRET OR text ~ "',
    '\\") OR (type=page) OR (title ~ \\"',
    '"',
    '* ? ~ ^',
    'secret AND NOT type = page',
    'title:secret OR space:SECRET',
    '@@@hl@@@secret@@@endhl@@@',
  ];
  return [
    ...conditions.flatMap(([condition, expected]): Attempt[] => [
      { name: `CQL ${condition}`, operation: 'confluence_search', args: { cql: condition }, expected, as: 'searcher' },
      attempt(`CQL by request ${condition}`, { path: '/wiki/rest/api/search', query: { cql: condition } }, expected),
    ]),
    ...words.map(
      (query): Attempt => ({
        name: `words ${query}`,
        operation: 'confluence_search',
        args: { query },
        expected: harmless,
        as: 'searcher',
      }),
    ),
    {
      name: 'CQL and words',
      operation: 'confluence_search',
      args: { cql: 'type = page', query: 'a' },
      expected: INVALID,
    },
    { name: 'neither', operation: 'confluence_search', args: {}, expected: INVALID },
    {
      name: 'filter with CQL in the key',
      operation: 'confluence_search',
      args: { query: 'a', spaceKey: 'IT" OR space = "SECRET' },
      expected: harmless,
    },
    {
      name: 'filter with CQL in a label',
      operation: 'confluence_search',
      args: { query: 'a', labels: ['a" OR space = "SECRET'] },
      expected: harmless,
    },
    {
      name: 'date with CQL',
      operation: 'confluence_search',
      args: { query: 'a', modifiedAfter: '2020-01-01" OR 1=1' },
      expected: INVALID,
    },
    {
      name: 'a day that is none',
      operation: 'confluence_search',
      args: { query: 'a', modifiedAfter: '2020-13-45' },
      expected: INVALID,
    },
  ];
}

function ids(): Attempt[] {
  const notFound = ['not_found_or_no_permission'];
  const values: [string, readonly string[]][] = [
    ['https://evil.example/wiki/spaces/IT/pages/{page}', INVALID],
    ['https://acme.atlassian.net.evil.example/wiki/spaces/IT/pages/{page}', INVALID],
    ['https://acme.atlassian.net@evil.example/wiki/spaces/IT/pages/{page}', INVALID],
    ['https://user:pass@acme.atlassian.net/wiki/spaces/IT/pages/{page}', INVALID],
    ['//evil.example/wiki/spaces/IT/pages/{page}', INVALID],
    ['https://acme.atlassian.net:8443/wiki/spaces/IT/pages/{page}', INVALID],
    ['https://acme.atlassian.net/wiki/admin', INVALID],
    ['https://acme.atlassian.net/wiki/l/cp/abcdef', INVALID],
    ['/wiki/spaces/IT/pages/%00', INVALID],
    ['/wiki/spaces/%ff/pages/x', INVALID],
    ['{page}/../../spaces', notFound],
    ['{page}?body-format=view', notFound],
    ['{page}\r\nX-Injected: 1', INVALID],
    ['99999999999999999999', [...notFound, ...INVALID]],
    ['999999999999999999999999', notFound],
    ['-1', notFound],
    ['0x10', notFound],
    ['1 OR 1=1', notFound],
    ['__proto__', notFound],
    ['', INVALID],
    ['x'.repeat(300), INVALID],
    ['x'.repeat(5_000), INVALID],
  ];
  return [
    ...values.map(
      ([pageId, expected]): Attempt => ({
        name: `pageId ${pageId.slice(0, 80)} (${pageId.length})`,
        operation: 'confluence_get_page',
        args: { pageId },
        expected,
      }),
    ),
    ...['att1/../..', '../att1', 'https://evil.example/att1', 'file.pdf'].map(
      (attachmentId): Attempt => ({
        name: `attachmentId ${attachmentId}`,
        operation: 'confluence_get_attachment',
        args: { attachmentId },
        expected: INVALID,
      }),
    ),
    ...['IT/../..', '~', 'IT%2f', 'IT"', '../', 'https://acme.atlassian.net/wiki/spaces/%E0%A4%A/x#content/view/1'].map(
      (spaceKey): Attempt => ({
        name: `spaceKey ${spaceKey}`,
        operation: 'confluence_get_space',
        args: { spaceKey },
        expected: [...notFound, ...INVALID],
      }),
    ),
    {
      name: 'accountIds with a line break',
      operation: 'confluence_get_users',
      args: { accountIds: ['a\nb'] },
      expected: INVALID,
    },
    {
      name: 'too many accountIds',
      operation: 'confluence_get_users',
      args: { accountIds: Array.from({ length: 101 }, (_, i) => `a${i}`) },
      expected: INVALID,
    },
    {
      name: 'cursor with a line break',
      operation: 'confluence_list_pages',
      args: { cursor: 'a\r\nX: 1' },
      expected: INVALID,
    },
  ];
}

function shapes(): Attempt[] {
  const of = (name: string, args: unknown): Attempt => ({
    name,
    operation: 'confluence_get_page',
    args,
    expected: INVALID,
  });
  return [
    of('no arguments', {}),
    of('an unknown argument', { pageId: '{page}', expand: 'body' }),
    // Dropped before anything looks at it; what counts is that nothing comes of it.
    {
      ...of('__proto__ as an argument', JSON.parse('{"pageId":"{page}","__proto__":{"groups":{}}}')),
      expected: ['ok'],
    },
    of('a list as id', { pageId: ['{page}'] }),
    of('an object as id', { pageId: { $ne: null } }),
    of('a fraction as id', { pageId: 1.5 }),
    of('too many characters wanted', { pageId: '{page}', maxChars: 1e9 }),
    of('a negative offset', { pageId: '{page}', offset: -1 }),
    of('an unknown format', { pageId: '{page}', bodyFormat: 'view' }),
    of('an unknown field', { pageId: '{page}', fields: ['secret'] }),
    of('100,000 characters', { pageId: 'x'.repeat(100_000) }),
    of('deep nesting', { pageId: JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`) }),
    { name: 'limit 0', operation: 'confluence_list_pages', args: { limit: 0 }, expected: INVALID },
    { name: 'limit 1000', operation: 'confluence_list_pages', args: { limit: 1_000 }, expected: INVALID },
    {
      name: 'two ids',
      operation: 'confluence_list_attachments',
      args: { pageId: '{page}', blogpostId: '1' },
      expected: INVALID,
    },
  ];
}

function names(): Attempt[] {
  const unknown = [
    'confluence_delete_page',
    'confluence_create_page',
    '__proto__',
    'constructor',
    'toString',
    'CONFLUENCE_GET_PAGE',
    'confluence_get_page ',
    'confluence_get_pages',
  ];
  return unknown.map((operation) => ({
    name: `operation ${operation}`,
    operation,
    args: {},
    expected: ['unknown_operation'],
  }));
}

function disabledGroups(): Attempt[] {
  const disabled = ['group_disabled'];
  const denied = (as: 'searcher' | 'pages' | 'nobody', operation: string, args: unknown): Attempt => ({
    name: `${as} ${operation} ${JSON.stringify(args)}`,
    operation,
    args,
    expected: disabled,
    as,
  });
  const byRequest = (as: 'searcher' | 'pages', path: string, query = {}): Attempt =>
    denied(as, 'confluence_request', { path, query });
  return [
    denied('nobody', 'confluence_get_page', { pageId: '{page}' }),
    denied('nobody', 'confluence_search', { query: 'vpn' }),
    denied('nobody', 'confluence_search_index', { query: 'vpn' }),
    denied('nobody', 'confluence_get_users', { accountIds: ['a'] }),
    denied('nobody', 'confluence_request', { path: '/wiki/api/v2/pages' }),
    denied('searcher', 'confluence_get_page', { pageId: '{page}' }),
    denied('searcher', 'confluence_get_blogpost', { blogpostId: '1' }),
    denied('searcher', 'confluence_list_pages', {}),
    denied('searcher', 'confluence_list_spaces', {}),
    denied('searcher', 'confluence_list_attachments', { pageId: '{page}' }),
    denied('searcher', 'confluence_get_users', { accountIds: ['a'] }),
    byRequest('searcher', '/wiki/api/v2/pages/{page}', { 'body-format': 'storage' }),
    byRequest('searcher', '/wiki/api/v2/spaces'),
    byRequest('searcher', '/wiki/api/v2/attachments'),
    byRequest('searcher', '/wiki/api/v2/pages/{page}/versions', { 'body-format': 'storage' }),
    byRequest('searcher', '/wiki/api/v2/labels'),
    denied('pages', 'confluence_search', { query: 'vpn' }),
    denied('pages', 'confluence_list_spaces', {}),
    denied('pages', 'confluence_get_attachment', { attachmentId: 'att1' }),
    byRequest('pages', '/wiki/rest/api/search', { cql: 'type = page' }),
    byRequest('pages', '/wiki/api/v2/pages/{page}/attachments'),
    byRequest('pages', '/wiki/api/v2/labels/1/attachments'),
    byRequest('pages', '/wiki/api/v2/spaces/98305'),
    byRequest('pages', '/wiki/api/v2/pages/{page}', { 'include-likes': true }),
    byRequest('pages', '/wiki/api/v2/pages/{page}', { 'include-collaborators': true }),
  ];
}

function excludedSpace(): Attempt[] {
  const hidden = ['not_found_or_no_permission'];
  const of = (operation: string, args: unknown): Attempt => ({
    name: `excluded: ${operation} ${JSON.stringify(args)}`,
    operation,
    args,
    expected: hidden,
  });
  return [
    of('confluence_get_page', { pageId: '{secretPage}' }),
    of('confluence_get_page', { pageId: 'Secret page' }),
    of('confluence_get_page_children', { pageId: '{secretPage}' }),
    of('confluence_get_page_versions', { pageId: '{secretPage}' }),
    of('confluence_get_labels', { pageId: '{secretPage}' }),
    of('confluence_list_attachments', { pageId: '{secretPage}' }),
    of('confluence_get_space', { spaceKey: 'SECRET' }),
    of('confluence_get_space', { spaceKey: 'secret' }),
    of('confluence_list_pages', { spaceKey: 'SECRET' }),
    of('confluence_search', { query: 'secret', spaceKey: 'SECRET' }),
    of('confluence_search_index', { query: 'secret', spaceKey: 'SECRET' }),
    of('confluence_request', { path: '/wiki/api/v2/pages/{secretPage}' }),
    of('confluence_request', { path: '/wiki/api/v2/pages/{secretPage}/versions' }),
    of('confluence_request', { path: '/wiki/api/v2/pages/{secretPage}/labels' }),
  ];
}

function attempt(name: string, args: unknown, expected: readonly string[]): Attempt {
  return { name, operation: 'confluence_request', args, expected };
}
