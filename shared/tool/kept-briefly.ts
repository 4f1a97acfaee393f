/**
 * Keeps what was just read, by key, for a short time: agents that work on one incident ask for the same spaces, names
 * and upper pages again and again. What failed or was not found is not kept. The entries loaded first go first.
 */
export function keptBriefly<T>(
  keepMs: number,
  maxEntries: number,
): (key: string, now: Date, load: () => Promise<T>) => Promise<T> {
  const entries = new Map<string, { until: number; value: Promise<T> }>();
  return (key, now, load) => {
    const kept = entries.get(key);
    if (kept && kept.until > now.getTime()) return kept.value;
    const entry = { until: now.getTime() + keepMs, value: load() };
    const forget = () => {
      if (entries.get(key) === entry) entries.delete(key);
    };
    entry.value.then((found) => found === undefined && forget(), forget);
    entries.delete(key);
    entries.set(key, entry);
    const oldest = entries.keys().next().value;
    if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    return entry.value;
  };
}
