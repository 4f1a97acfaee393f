import { createHash } from 'node:crypto';
import { publicRoute } from '../shared/platform/http-function.ts';

/** The bundled `shared/tile/`, put here by `build.ts`. */
declare const TILE_SOURCE: string;

let etag: string | undefined;

const description = { summary: 'The Confluence tile: a module that defines the element `confluence-tile`.' };

publicRoute('tile-get', description, async ({ request }) => {
  etag ??= `"${createHash('sha256').update(TILE_SOURCE).digest('base64url').slice(0, 27)}"`;
  const headers = {
    'content-type': 'text/javascript; charset=utf-8',
    etag,
    // Dashboards get a new version within minutes of a deployment, and ask for it cheaply.
    'cache-control': 'public, max-age=300',
    // A dashboard lives on another origin, and loads modules with CORS.
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  };
  const known = request.headers
    .get('if-none-match')
    ?.split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''));
  if (known?.includes(etag) || known?.includes('*')) return { status: 304, headers };
  return { headers, body: TILE_SOURCE };
});
