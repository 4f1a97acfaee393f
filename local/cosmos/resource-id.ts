/**
 * A `_rid`: four bytes for the database, four for the container, eight for the item, in base64 with '-' for '/'. The client
 * resumes an ORDER BY by comparing the item's eight bytes as a little-endian number, so they are written that way and
 * grow with every new item.
 */
export function resourceId(database: number, container?: number, item?: number): string {
  const bytes = Buffer.alloc(item !== undefined ? 16 : container !== undefined ? 8 : 4);
  bytes.writeUInt32BE(database, 0);
  if (container !== undefined) bytes.writeUInt32BE(container, 4);
  if (item !== undefined) bytes.writeBigUInt64LE(BigInt(item), 8);
  return bytes.toString('base64').replaceAll('/', '-');
}
