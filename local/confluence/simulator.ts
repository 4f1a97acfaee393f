import type { Clock } from './clock.ts';
import type { Faults } from './control/faults.ts';
import type { Latency } from './control/latency.ts';
import type { RequestLog } from './control/request-log.ts';
import type { Database } from './database.ts';
import type { Points } from './gateway/points.ts';
import type { AppRegistration } from './oauth/app.ts';
import type { Settings } from './settings.ts';

/** Everything that the parts of the simulator share. Built once in `server.ts`. */
export interface Simulator {
  readonly database: Database;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly app: AppRegistration;
  readonly points: Points;
  readonly faults: Faults;
  readonly latency: Latency;
  readonly log: RequestLog;
}
