import { type Container, type ContainerRequest, CosmosClient } from '@azure/cosmos';
import { startCosmos } from '../../local/cosmos/server.ts';

export interface Emulator {
  url: string;
  client: CosmosClient;
  /** Creates a container, partitioned by `/tenantId` unless told otherwise, in the database `test`. */
  container(definition?: Partial<ContainerRequest>): Promise<Container>;
  /** Calls a switch of the emulator and gives its JSON answer. */
  emulator(method: string, path: string, body?: unknown): Promise<unknown>;
}

/** An emulator in memory (or in a folder) with the real client, both gone after the test. */
export async function startEmulator(
  t: { after(hook: () => Promise<void>): void },
  dataDir?: string,
): Promise<Emulator & { close(): Promise<void> }> {
  const part = await startCosmos({ port: 0, ...(dataDir === undefined ? {} : { dataDir }) });
  const client = new CosmosClient({ endpoint: part.url, key: 'a2V5' });
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    client.dispose();
    await part.close();
  };
  t.after(close);
  let containers = 0;
  return {
    url: part.url,
    client,
    close,
    async container(definition = {}) {
      const { database } = await client.databases.createIfNotExists({ id: 'test' });
      const id = definition.id ?? `container${containers++}`;
      const partitionKey = definition.partitionKey ?? { paths: ['/tenantId'] };
      const { container } = await database.containers.createIfNotExists({ ...definition, id, partitionKey });
      return container;
    },
    async emulator(method, path, body) {
      const response = await fetch(`${part.url}/_emulator/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
  };
}

/** The HTTP status of the error that a call to the client ends with; undefined when it succeeds. */
export async function statusOf(call: Promise<unknown>): Promise<number | string | undefined> {
  return call.then(
    () => undefined,
    (error) => error.code,
  );
}

export async function messageOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => '',
    (error) => String(error.message),
  );
}
