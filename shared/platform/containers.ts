/**
 * The Cosmos DB containers, once for all: the local stack creates them from here, and a check compares `infra/` with
 * it. Both are partitioned by tenant, so that a query which names its tenant touches nobody else's items.
 */
export const containers = [
  {
    id: 'control',
    partitionKey: { paths: ['/tenantId'] },
    /** -1: items live forever unless they carry their own `ttl`. */
    defaultTtl: -1,
    indexingPolicy: {
      indexingMode: 'consistent',
      automatic: true,
      includedPaths: [
        { path: '/tenantId/?' },
        { path: '/type/?' },
        { path: '/status/?' },
        { path: '/state/?' },
        { path: '/nextSyncAt/?' },
        { path: '/createdAt/?' },
        { path: '/expiresAt/?' },
        { path: '/dueAt/?' },
        { path: '/tidyAt/?' },
        { path: '/leaseUntil/?' },
        { path: '/messageDueAt/?' },
        { path: '/cloudId/?' },
        { path: '/sortId/?' },
        { path: '/listedIn/?' },
        { path: '/accountId/?' },
        { path: '/fetchedAt/?' },
      ],
      excludedPaths: [{ path: '/*' }],
      compositeIndexes: [
        [
          { path: '/type', order: 'ascending' },
          { path: '/createdAt', order: 'descending' },
        ],
      ],
    },
  },
  {
    id: 'pages',
    partitionKey: { paths: ['/tenantId'] },
    defaultTtl: -1,
    indexingPolicy: {
      indexingMode: 'consistent',
      automatic: true,
      // The body stays out of the range index: a 64 KB page would otherwise cost several times its write.
      includedPaths: [
        { path: '/tenantId/?' },
        { path: '/type/?' },
        { path: '/cloudId/?' },
        { path: '/pageId/?' },
        { path: '/spaceId/?' },
        { path: '/spaceKey/?' },
        { path: '/parentId/?' },
        { path: '/sortId/?' },
        { path: '/labels/[]/?' },
        { path: '/lastModifiedAt/?' },
        { path: '/modifiedAt/?' },
        { path: '/authorId/?' },
        { path: '/lastModifiedById/?' },
        { path: '/missingSince/?' },
        { path: '/absentIn/?' },
        { path: '/staleParts/key/?' },
        { path: '/deletedAt/?' },
        { path: '/titleLower/?' },
      ],
      excludedPaths: [{ path: '/*' }],
      fullTextIndexes: [{ path: '/title' }, { path: '/text' }, { path: '/searchKeys' }],
      compositeIndexes: [
        [
          { path: '/spaceId', order: 'ascending' },
          { path: '/sortId', order: 'ascending' },
        ],
        [
          { path: '/cloudId', order: 'ascending' },
          { path: '/sortId', order: 'ascending' },
        ],
      ],
    },
    fullTextPolicy: {
      defaultLanguage: 'en-US',
      fullTextPaths: [
        { path: '/title', language: 'en-US' },
        { path: '/text', language: 'en-US' },
        { path: '/searchKeys', language: 'en-US' },
      ],
    },
  },
] as const;

/** The Storage Queues. The host moves what fails five times to the poison queues; operators find it there. */
export const queues = [
  'confluence-sync',
  'confluence-sync-now',
  'confluence-sync-poison',
  'confluence-sync-now-poison',
  'confluence-events',
] as const;
