import type { GatewayRoute, Handler } from '../gateway/call.ts';
import { type Match, Router } from '../http/router.ts';
import { getAttachment, listAttachments, listContentAttachments } from './attachments.ts';
import { getBlogPost, listBlogPosts, listSpaceBlogPosts } from './blogposts.ts';
import { listAncestors, listChildren, listDescendants, listDirectChildren } from './hierarchy.ts';
import * as labels from './labels.ts';
import { getPage, listPages, listSpacePages } from './pages.ts';
import { search } from './search.ts';
import { getSpace, listSpaces } from './spaces.ts';
import { readUsers } from './users.ts';
import { getVersion, listVersions } from './versions.ts';

const SPACE = ['read:space:confluence'];
const PAGE = ['read:page:confluence'];
const LABEL = ['read:label:confluence'];
const ATTACHMENT = ['read:attachment:confluence'];
const HIERARCHY = ['read:hierarchical-content:confluence'];

/** Every v2 read that the simulator knows, with the scopes of which one is needed. */
const V2_READS: [string, readonly string[], Handler][] = [
  ['/spaces', SPACE, listSpaces],
  ['/spaces/:id', SPACE, getSpace],
  ['/spaces/:id/pages', PAGE, listSpacePages],
  ['/spaces/:id/blogposts', PAGE, listSpaceBlogPosts],
  ['/spaces/:id/labels', SPACE, labels.listSpaceLabels],
  ['/spaces/:id/content/labels', SPACE, labels.listSpaceContentLabels],
  ['/pages', PAGE, listPages],
  ['/pages/:id', PAGE, getPage],
  ['/pages/:id/children', PAGE, listChildren],
  ['/pages/:id/direct-children', HIERARCHY, listDirectChildren('page')],
  ['/pages/:id/descendants', HIERARCHY, listDescendants('page')],
  ['/pages/:id/ancestors', ['read:content.metadata:confluence'], listAncestors],
  ['/pages/:id/labels', PAGE, labels.listContentLabels('page')],
  ['/pages/:id/attachments', ATTACHMENT, listContentAttachments('page')],
  ['/pages/:id/versions', PAGE, listVersions('page')],
  ['/pages/:id/versions/:number', PAGE, getVersion],
  ['/folders/:id/direct-children', HIERARCHY, listDirectChildren('folder')],
  ['/folders/:id/descendants', HIERARCHY, listDescendants('folder')],
  ['/blogposts', PAGE, listBlogPosts],
  ['/blogposts/:id', PAGE, getBlogPost],
  ['/blogposts/:id/labels', PAGE, labels.listContentLabels('blogpost')],
  ['/blogposts/:id/attachments', ATTACHMENT, listContentAttachments('blogpost')],
  ['/blogposts/:id/versions', PAGE, listVersions('blogpost')],
  ['/labels', LABEL, labels.listLabels],
  ['/labels/:id/pages', PAGE, labels.listLabelPages],
  ['/labels/:id/blogposts', PAGE, labels.listLabelBlogPosts],
  ['/labels/:id/attachments', ATTACHMENT, labels.listLabelAttachments],
  ['/attachments', ATTACHMENT, listAttachments],
  ['/attachments/:id', ATTACHMENT, getAttachment],
];

const router = new Router<GatewayRoute>();
for (const [pattern, scopes, handler] of V2_READS) router.add('GET', `/wiki/api/v2${pattern}`, { scopes, handler });
router.add('POST', '/wiki/api/v2/users-bulk', { scopes: ['read:user:confluence'], handler: readUsers });
router.add('GET', '/wiki/rest/api/search', {
  scopes: ['read:content-details:confluence', 'search:confluence'],
  handler: search,
});

/** The Confluence route of a path below the gateway's `/ex/confluence/{cloudId}`. */
export function findRoute(method: string, path: string): Match<GatewayRoute> | undefined {
  return router.match(method, path);
}

/** v1 reads of content, spaces, labels and children, which answer 410 through the gateway since 2026-08. */
export function isGone(path: string): boolean {
  return /^\/wiki\/rest\/api\/(content|space|label|child)(\/|$)/.test(path);
}
