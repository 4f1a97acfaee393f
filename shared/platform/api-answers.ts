import * as z from 'zod';

/**
 * The forms of the API's answers, for `GET /api/openapi.json`. A test compares them with what the routes answer. Further
 * members may be added; a client ignores what it does not know.
 */

const time = z.iso.datetime();
const site = z.object({ cloudId: z.string(), name: z.string(), url: z.string() });

export const connectStarted = z.object({ authorizeUrl: z.string(), expiresAt: time });

const passName = z.enum(['ids', 'labels', 'attachments']);

const run = z.object({
  runId: z.string(),
  mode: z.enum(['delta', 'full']),
  trigger: z.enum(['connect', 'schedule', 'manual']),
  state: z.enum(['queued', 'running', 'waiting', 'succeeded', 'failed', 'canceled']),
  passes: z.array(passName),
  step: z.string(),
  activity: z.string().describe('What the run is doing, in words.'),
  counters: z.object({
    found: z.int(),
    written: z.int(),
    unchanged: z.int(),
    removed: z.int(),
    spaces: z.int(),
    labels: z.int(),
    attachments: z.int(),
    skipped: z.int().describe('Items that could not be read or understood; see problems.'),
    requests: z.int(),
    points: z.int(),
  }),
  estimatedPages: z.int().optional(),
  createdAt: time,
  startedAt: time.optional(),
  endedAt: time.optional(),
  resumeAt: time.optional().describe('While it waits for points or for Confluence.'),
  problems: z.array(z.object({ code: z.string(), detail: z.string(), at: time })),
  moreProblems: z.int(),
  error: z.object({ code: z.string(), detail: z.string() }).optional(),
});

export const runs = z.object({ runs: z.array(run), nextCursor: z.string().optional() });

export const syncTriggered = z.object({
  runId: z.string(),
  mode: z.enum(['delta', 'full']),
  fullAt: time.optional().describe("When the full sync follows; the tenant's share of this hour's points is spent."),
});

const sync = z.object({
  run: run.optional().describe('The run under way.'),
  lastRun: run.optional(),
  lastCheckedAt: time.optional(),
  lastSyncedAt: time.optional(),
  nextSyncAt: time.optional(),
  passes: z.partialRecord(passName, z.object({ dueAt: time, lastSucceededAt: time.optional() })),
  totals: z.object({ spaces: z.int(), pages: z.int(), attachments: z.int() }).optional(),
  failingSince: time.optional(),
});

export const connection = z.object({
  status: z.enum(['disconnected', 'choosing_site', 'connected', 'reconnect_required']),
  reason: z.enum(['revoked', 'access_lost', 'scopes_missing', 'site_gone']).optional(),
  statusSince: time.optional(),
  site: site.optional(),
  sites: z.array(site).optional().describe('The sites to pick from.'),
  account: z.object({ accountId: z.string(), name: z.string().optional(), grantedAt: time }).optional(),
  missingScopes: z.array(z.string()).optional(),
  pending: z.object({ sites: z.array(site), expiresAt: time }).optional(),
  indexKeptUntil: time.optional(),
  sync: sync.optional(),
});

export const spaces = z.object({
  spaces: z.array(
    z.object({ key: z.string(), name: z.string(), type: z.string(), pages: z.int(), excluded: z.boolean() }),
  ),
  nextCursor: z.string().optional(),
});

const person = z.object({ accountId: z.string(), name: z.string().nullable() }).nullable();

export const page = z.object({
  pageId: z.string(),
  title: z.string(),
  url: z.string(),
  spaceKey: z.string(),
  spaceName: z.string().nullable(),
  parentId: z.string().nullable(),
  version: z.object({ number: z.int(), createdAt: time }),
  author: person,
  lastModifiedBy: person,
  createdAt: time,
  lastModifiedAt: time,
  labels: z.array(z.string()),
  attachments: z.array(
    z.object({
      id: z.string(),
      fileName: z.string(),
      mediaType: z.string().nullable(),
      sizeBytes: z.int().nullable(),
      url: z.string(),
    }),
  ),
  body: z.string().describe('Markdown, names and includes resolved.'),
  indexedAt: time,
});

const level = z.enum(['read_only', 'disabled']);

export const agent = z.object({
  agentId: z.string(),
  profile: z.string().optional().describe('When the groups are exactly those of a profile.'),
  groups: z.object({ pages: level, spaces: level, search: level, attachments: level, users: level }),
  keys: z.array(
    z.object({ keyId: z.string(), createdAt: time, expiresAt: time.optional(), lastUsedAt: time.optional() }),
  ),
  createdAt: time,
  updatedAt: time,
});

export const agentKey = z.object({ key: z.string().describe('Shown once.'), keyId: z.string(), createdAt: time });

export const operations = z.object({
  operations: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      group: z.string(),
      inputSchema: z.record(z.string(), z.unknown()),
      outputSchema: z.record(z.string(), z.unknown()),
    }),
  ),
});

export const operationResult = z.object({ operation: z.string(), result: z.record(z.string(), z.unknown()) });

export const searchResults = z.object({
  results: z.array(
    z.object({
      pageId: z.string(),
      title: z.string(),
      url: z.string(),
      spaceKey: z.string(),
      spaceName: z.string().nullable(),
      excerpt: z.string().describe('The text around what was found.'),
      highlights: z
        .array(z.tuple([z.int(), z.int()]))
        .describe('Where the words stand in the excerpt: [start, end), in UTF-16 code units.'),
      section: z
        .object({ title: z.string(), url: z.string() })
        .optional()
        .describe('The heading under which the excerpt stands; its URL leads there in Confluence.'),
      labels: z.array(z.string()),
      lastModifiedAt: time,
      rank: z.int().describe('1 fits best.'),
    }),
  ),
  nextCursor: z.string().optional().describe('Goes on with the same search, up to 200 hits.'),
});

const dependency = z.enum(['ok', 'unreachable']);

export const health = z.object({
  status: z.enum(['ok', 'degraded']),
  dependencies: z.object({ cosmos: dependency, keyVault: dependency, queues: dependency }).optional(),
  checkedAt: time.optional(),
});

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().describe('Stable; decide by it.'),
  detail: z.string().describe('What to do.'),
  retryAfterSeconds: z.number().optional(),
  fields: z.array(z.object({ field: z.string(), problem: z.string() })).optional(),
  traceId: z.string(),
});
