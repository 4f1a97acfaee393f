import type { Container, PatchOperation } from '@azure/cosmos';

type Item = Record<string, unknown> & { id: string };

/**
 * As much of a Cosmos DB container as the quota manager uses, in memory, for a simulation of many hours: point reads, patches
 * without conditions, creations.
 */
export function memoryContainer(): Container {
  const items = new Map<string, Item>();
  const container = {
    items: {
      async create(item: Item) {
        if (items.has(item.id)) throw Object.assign(new Error('exists'), { code: 409 });
        items.set(item.id, structuredClone(item));
      },
      async upsert(item: Item) {
        items.set(item.id, structuredClone(item));
      },
    },
    item: (id: string) => ({
      async read() {
        const item = items.get(id);
        return { resource: item, etag: '' };
      },
      async patch(operations: PatchOperation[]) {
        if (!Array.isArray(operations)) throw new Error('conditions are not part of the simulation');
        const item = items.get(id);
        if (!item) throw Object.assign(new Error('not found'), { code: 404 });
        for (const operation of operations) apply(item, operation);
      },
    }),
  };
  return container as unknown as Container;
}

function apply(item: Item, operation: PatchOperation): void {
  const names = operation.path.slice(1).split('/');
  const last = names.pop() ?? '';
  const owner = names.reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, item);
  if (operation.op === 'set') owner[last] = operation.value;
  else if (operation.op === 'incr') owner[last] = Number(owner[last] ?? 0) + Number(operation.value);
  else throw new Error(`${operation.op} is not part of the simulation`);
}
