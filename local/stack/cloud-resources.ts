import { type ContainerRequest, CosmosClient } from '@azure/cosmos';
import { QueueServiceClient } from '@azure/storage-queue';
import { containers, queues } from '../../shared/platform/containers.ts';

/** The emulator takes any key; this one says so. */
export const COSMOS_KEY = Buffer.from('any key does for the emulator').toString('base64');

/** Makes the database and its containers, as Bicep does in Azure: the application may not. */
export async function createContainers(endpoint: string, databaseName = 'confluence'): Promise<void> {
  const client = new CosmosClient({ endpoint, key: COSMOS_KEY });
  const { database } = await client.databases.createIfNotExists({ id: databaseName });
  for (const definition of containers)
    await database.containers.createIfNotExists(structuredClone(definition) as unknown as ContainerRequest);
  client.dispose();
}

export async function createQueues(connectionString: string): Promise<void> {
  const service = QueueServiceClient.fromConnectionString(connectionString);
  for (const name of queues) await service.getQueueClient(name).createIfNotExists();
}
