import type { Attributes, Meter } from '@opentelemetry/api';
import type { LogFields } from './log.ts';

/** Every metric, for the code, the workbook and the alerts. Attributes are few: each combination is a series. */
export const metricNames = {
  toolDuration: 'confluence.tool.duration',
  points: 'confluence.points',
  quotaRemaining: 'confluence.quota.remaining_ratio',
  runs: 'confluence.runs',
  runPages: 'confluence.run.pages',
  connectionChanges: 'confluence.connection.changes',
  poisoned: 'confluence.poison.messages',
  requestUnits: 'confluence.cosmos.request_units',
  dependencyDuration: 'confluence.dependency.duration',
} as const;

export interface Metrics {
  /** Counts what a log event says. */
  observe(event: string, fields: LogFields): void;
  /** What is left of the hour's points, 0…1, by Atlassian's own headers. */
  quotaRemaining(ratio: number): void;
  requestUnits(units: number, attributes: Attributes): void;
  dependency(durationMs: number, attributes: Attributes): void;
}

/**
 * The one place where an event becomes a number. The code logs what happened, once; whether that is counted is
 * decided here.
 */
export function createMetrics(meter: Meter): Metrics {
  const toolDuration = meter.createHistogram(metricNames.toolDuration, { unit: 'ms' });
  const points = meter.createCounter(metricNames.points);
  const quotaRemaining = meter.createGauge(metricNames.quotaRemaining);
  const runs = meter.createCounter(metricNames.runs);
  const runPages = meter.createHistogram(metricNames.runPages);
  const connectionChanges = meter.createCounter(metricNames.connectionChanges);
  const poisoned = meter.createCounter(metricNames.poisoned);
  const requestUnits = meter.createCounter(metricNames.requestUnits);
  const dependencyDuration = meter.createHistogram(metricNames.dependencyDuration, { unit: 'ms' });

  const endOfRun = (outcome: string) => (fields: LogFields) => {
    runs.add(1, { outcome, ...words(fields, 'mode', 'trigger', 'code') });
    if (typeof fields.found === 'number') runPages.record(fields.found, words(fields, 'mode'));
  };
  const counters: Readonly<Record<string, (fields: LogFields) => void>> = {
    tool_call: (fields) =>
      toolDuration.record(Number(fields.durationMs ?? 0), words(fields, 'operation', 'outcome', 'transport')),
    points_spent: (fields) => points.add(Number(fields.points ?? 0), words(fields, 'purpose')),
    run_succeeded: endOfRun('succeeded'),
    run_failed: endOfRun('failed'),
    run_canceled: endOfRun('canceled'),
    connection_changed: (fields) => connectionChanges.add(1, words(fields, 'to', 'reason')),
    poison_message: (fields) => poisoned.add(1, words(fields, 'kind')),
    poison_message_unknown: (fields) => poisoned.add(Number(fields.count ?? 1), { kind: 'unknown' }),
  };
  return {
    observe: (event, fields) => counters[event]?.(fields),
    quotaRemaining: (ratio) => quotaRemaining.record(ratio),
    requestUnits: (units, attributes) => requestUnits.add(units, attributes),
    dependency: (durationMs, attributes) => dependencyDuration.record(durationMs, attributes),
  };
}

function words(fields: LogFields, ...names: string[]): Attributes {
  return Object.fromEntries(names.flatMap((name) => (typeof fields[name] === 'string' ? [[name, fields[name]]] : [])));
}
