/** The workbook's parts, in order; each shows one query of `infra/queries/`. */
const PARTS = [
  {
    title: 'Freshness by tenant: minutes since Confluence was last looked at',
    query: 'freshness-by-tenant',
    as: 'table',
  },
  { title: 'Points by purpose', query: 'points-by-purpose', as: 'barchart' },
  { title: "Part of the hour's points that is left", query: 'quota-remaining', as: 'timechart' },
  { title: 'Runs by outcome', query: 'runs', as: 'barchart' },
  { title: 'Latest runs', query: 'run-history', as: 'table' },
  { title: 'Tool latency by operation, in ms', query: 'tool-latency', as: 'table' },
  { title: 'Tool calls that were refused or failed', query: 'tool-refusals', as: 'table' },
  { title: 'Calls to other services', query: 'dependency-latency', as: 'table' },
  { title: 'Failed calls to other services', query: 'dependency-failures', as: 'table' },
  { title: 'Request units by container', query: 'request-units', as: 'barchart' },
  { title: 'Connections that need to be reconnected', query: 'reconnect-required', as: 'table' },
] as const;

const TIME_RANGE = 'timeRange';

/** The workbook as Azure stores it. `{workspaceId}` is filled in by `infra/modules/workbook.bicep`. */
export function workbookJson(readQuery: (name: string) => string): string {
  const items = PARTS.map(({ title, query, as }) => ({
    type: 3,
    name: query,
    content: {
      version: 'KqlItem/1.0',
      query: readQuery(query),
      title,
      size: 0,
      timeContextFromParameter: TIME_RANGE,
      queryType: 0,
      resourceType: 'microsoft.operationalinsights/workspaces',
      crossComponentResources: ['{workspaceId}'],
      visualization: as,
    },
  }));
  const workbook = {
    version: 'Notebook/1.0',
    items: [timeRange(), ...items],
    fallbackResourceIds: ['{workspaceId}'],
    $schema: 'https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json',
  };
  return `${JSON.stringify(workbook, undefined, 2)}\n`;
}

function timeRange() {
  const hours = [1, 4, 24, 72, 168];
  return {
    type: 9,
    name: 'parameters',
    content: {
      version: 'KqlParameterItem/1.0',
      style: 'pills',
      parameters: [
        {
          id: 'b6a1a4c8-0f0c-4a59-9d0a-6f3f0c2d1e77',
          version: 'KqlParameterItem/1.0',
          name: TIME_RANGE,
          label: 'Time range',
          type: 4,
          isRequired: true,
          value: { durationMs: 86_400_000 },
          typeSettings: { selectableValues: hours.map((count) => ({ durationMs: count * 3_600_000 })) },
        },
      ],
    },
  };
}
