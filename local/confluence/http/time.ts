/** Epoch milliseconds as Atlassian writes instants: ISO 8601, UTC, milliseconds. */
export function toIso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
