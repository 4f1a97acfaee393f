/**
 * Request units by Microsoft's published figures for items of a size: point reads 1 KB 1, 4 KB 1.1, 16 KB 1.7, 64 KB 4.8,
 * 1 MB 146; writes with default indexing 1 KB 5.3, 4 KB 6.7, 16 KB 9.5, 64 KB 22.7, 1 MB 625. Sizes in between are
 * interpolated, larger ones extrapolated. Real charges also depend on the number of indexed properties, so these figures compare
 * designs; they are no bill. Source: "Request Units in Azure Cosmos DB" and the capacity planner in its documentation.
 */
const READ: [kilobytes: number, units: number][] = [
  [1, 1],
  [4, 1.1],
  [16, 1.7],
  [64, 4.8],
  [1024, 146],
];
const WRITE: [kilobytes: number, units: number][] = [
  [1, 5.3],
  [4, 6.7],
  [16, 9.5],
  [64, 22.7],
  [1024, 625],
];

export const readCharge = (bytes: number): number => interpolate(READ, bytes);
export const writeCharge = (bytes: number): number => interpolate(WRITE, bytes);

/** The smallest query costs 2.3; each item it returns adds part of what its point read would cost. */
export function queryCharge(results: string[]): number {
  let units = 2.3;
  for (const text of results) units += 0.05 * readCharge(text.length);
  return round(units);
}

function interpolate(table: [number, number][], bytes: number): number {
  const kilobytes = bytes / 1024;
  const upper = Math.max(
    1,
    Math.min(
      table.length - 1,
      table.findIndex(([size]) => kilobytes <= size),
    ),
  );
  const index = kilobytes > 1024 ? table.length - 1 : upper;
  const [lowSize, lowUnits] = table[index - 1] ?? [0, 0];
  const [highSize, highUnits] = table[index] ?? [1, 1];
  if (kilobytes <= lowSize && index === 1) return lowUnits;
  return round(lowUnits + ((kilobytes - lowSize) / (highSize - lowSize)) * (highUnits - lowUnits));
}

const round = (units: number) => Math.round(units * 100) / 100;
