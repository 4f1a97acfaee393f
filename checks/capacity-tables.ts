import { type Capacity, capacityOf } from './capacity.ts';

const TENANTS = [10, 360, 2_800];

/**
 * Prices of the worked examples, in US dollars: what West Europe listed when the examples were made. They are an
 * illustration of the formula; put your own in.
 */
export const EXAMPLE_PRICES = {
  gbSecond: 0.000026,
  millionExecutions: 0.4,
  millionRequestUnits: 0.25,
  logGb: 2.76,
} as const;

/** What an execution is billed for: at least a second, here of a 2 GB instance that runs four at a time. */
const GB_SECONDS_PER_EXECUTION = (2 * 1) / 4;
/** The host's request, the log line and the sampled spans of one execution. */
const LOG_BYTES_PER_EXECUTION = 1_500;
const DAYS = 30;

/** Tables of the operations guide, by the name of their place in it. */
export function capacityTables(): Readonly<Record<string, string>> {
  const rows = TENANTS.flatMap((tenants) => [capacityOf(tenants, 1), capacityOf(tenants, 2)]);
  return {
    'capacity-points': table(
      [
        'Tenants',
        'Tier',
        'Agents, points a day',
        'Deltas, points a day',
        'A tenant is looked at every',
        'Left for passes',
        'Passes would like',
        'Pages listed every',
        'Labels every',
      ],
      rows.map((row) => [
        whole(row.tenants),
        `${row.tier}`,
        whole(row.agentPoints),
        whole(row.deltaPoints),
        `${row.deltaIntervalMinutes.toFixed(1)} min`,
        whole(row.bulkPoints),
        whole(row.passDemand),
        hours(row.idsIntervalHours),
        hours(row.labelsIntervalHours),
      ]),
    ),
    'capacity-cost': table(
      [
        'Tenants',
        'Tier',
        'Executions a day',
        'Request units a day',
        'Functions',
        'Cosmos DB',
        'Logs',
        'Together a month',
      ],
      rows.map((row) => {
        const { functions, cosmos, logs } = monthlyCost(row);
        return [
          whole(row.tenants),
          `${row.tier}`,
          whole(row.executionsPerDay),
          whole(row.requestUnitsPerDay),
          ...[functions, cosmos, logs, functions + cosmos + logs].map((cost) => `$${whole(cost)}`),
        ];
      }),
    ),
  };
}

function monthlyCost({ executionsPerDay, requestUnitsPerDay }: Capacity) {
  const executions = DAYS * executionsPerDay;
  return {
    functions:
      executions * GB_SECONDS_PER_EXECUTION * EXAMPLE_PRICES.gbSecond +
      (executions / 1e6) * EXAMPLE_PRICES.millionExecutions,
    cosmos: ((DAYS * requestUnitsPerDay) / 1e6) * EXAMPLE_PRICES.millionRequestUnits,
    logs: ((executions * LOG_BYTES_PER_EXECUTION) / 1e9) * EXAMPLE_PRICES.logGb,
  };
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---:')), ...rows.map(line)].join('\n');
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-GB');
}

function hours(value: number): string {
  return value < 48 ? `${Math.round(value)} h` : `${(value / 24).toFixed(1)} days`;
}
