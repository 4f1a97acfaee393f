import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { parseArgs } from 'node:util';
import { type Container, CosmosClient } from '@azure/cosmos';
import { DefaultAzureCredential } from '@azure/identity';
import { runBulk } from '../shared/platform/bulk.ts';
import { fetchPages } from '../shared/platform/query.ts';
import { ask, latencyRow, qualityRows } from './search.ts';
import { startCorpus, TENANT_ID } from './search-corpus.ts';
import { ourSearch } from './search-rivals.ts';

/*
 * Repeats the figures of docs/search.md on an Azure Cosmos DB account, with request units: quality with the service's own
 * analyser, latency from where this runs, units a search and a stored page. It writes as tenant `bench` into a container with
 * the policies of `pages`, best into one of its own, and deletes what it wrote.
 *
 *   node bench/search-azure.ts --endpoint https://ACCOUNT.documents.azure.com --database confluence --container pages
 *
 * It signs in as you (`az login`; role Cosmos DB Built-in Data Contributor), or with COSMOS_KEY in the environment.
 */
const { values } = parseArgs({
  options: {
    endpoint: { type: 'string' },
    database: { type: 'string', default: 'confluence' },
    container: { type: 'string', default: 'pages' },
    pages: { type: 'string', default: '20000' },
  },
});
if (!values.endpoint) throw new Error('Say which account: --endpoint https://ACCOUNT.documents.azure.com');
const totalPages = Number(values.pages);
if (!Number.isInteger(totalPages)) throw new Error('--pages is a number of pages, such as 20000');

// What each answer of the service says that it cost.
let units = 0;
subscribe('http.client.response.finish', (message) => {
  const { response } = message as { response: IncomingMessage };
  units += Number(response.headers['x-ms-request-charge'] ?? 0);
});

const { endpoint } = values;
const key = process.env.COSMOS_KEY;
const client = new CosmosClient(key ? { endpoint, key } : { endpoint, aadCredentials: new DefaultAzureCredential() });
const container = client.database(values.database).container(values.container);
const corpus = await startCorpus({ pages: container, close: async () => client.dispose() });
try {
  const perPage = (pages: number) => Number((units / pages).toFixed(1));
  console.log(`request units a page of the knowledge base: ${perPage(corpus.known.length)}`);
  const search = ourSearch(corpus);
  const rows = qualityRows('this index', corpus.known.length, await ask(corpus, search));
  units = 0;
  await corpus.grow(totalPages);
  console.log(`request units a generated page: ${perPage(Math.max(1, totalPages - corpus.known.length))}`);
  units = 0;
  const outcomes = await ask(corpus, search);
  console.log(`request units a search among ${totalPages} pages: ${perPage(outcomes.length)}`);
  rows.push(...qualityRows('this index', totalPages, outcomes), await latencyRow(corpus, totalPages));
  console.table(rows);
} finally {
  await erase(container);
  await corpus.close();
}

async function erase(pages: Container): Promise<void> {
  const query = { select: 'c.id', where: 'c.cloudId = @cloudId', parameters: { cloudId: corpus.scope.cloudId } };
  for await (const rows of fetchPages<{ id: string }>(pages, TENANT_ID, { ...query, maxItemCount: 1_000 })) {
    await runBulk(
      pages,
      rows.map(({ id }) => ({ operationType: 'Delete', id, partitionKey: TENANT_ID })),
    );
  }
}
