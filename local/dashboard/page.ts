export interface PageOptions {
  readonly tenantId: string;
  /** Where the tile's script comes from: the application itself. */
  readonly tileUrl: string;
}

/** The Integrations page. All it does for Confluence is to load the tile and tell it where the backend is. */
export function renderPage({ tenantId, tileUrl }: PageOptions): string {
  // A tenant id was checked to be of letters, digits, dots, dashes and underscores: nothing to escape.
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Integrations – ${tenantId}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/dashboard.css">
<script type="module" src="${tileUrl}"></script>
<script type="module" src="/dashboard.js"></script>
</head>
<body>
<header class="bar">
  <p class="brand">Sample dashboard</p>
  <form class="tenant" method="get" action="/">
    <label for="tenant">Tenant</label>
    <input id="tenant" name="tenant" value="${tenantId}" pattern="[A-Za-z0-9.\\-][A-Za-z0-9._\\-]{0,63}" required autocomplete="off" spellcheck="false">
    <button>Switch</button>
  </form>
</header>
<main>
  <h1>Integrations</h1>
  <p class="lead">Connect the tools that your agents work with.</p>
  <div id="notices" class="notices" role="status" data-url="/tenants/${tenantId}/notices"></div>
  <h2>Documentation</h2>
  <confluence-tile base="/tenants/${tenantId}"></confluence-tile>
</main>
<noscript><p class="noscript">This page needs JavaScript.</p></noscript>
</body>
</html>
`;
}
