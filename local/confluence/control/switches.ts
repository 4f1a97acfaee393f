import { z } from 'zod';
import { json } from '../http/exchange.ts';
import { registrationPatchSchema } from '../oauth/app.ts';
import { switchesPatchSchema } from '../settings.ts';
import { readFaultRule } from './fault-presets.ts';
import { latencySchema } from './latency.ts';
import type { ControlRequest, ControlRoute } from './request.ts';

const clockSchema = z.union([
  z.strictObject({ advanceMs: z.number() }),
  z.strictObject({ offsetMs: z.number() }),
  z.strictObject({ now: z.iso.datetime({ offset: true }) }),
]);

function setClock({ simulator: { clock }, body }: ControlRequest) {
  const change = clockSchema.parse(body);
  if ('advanceMs' in change) clock.advance(change.advanceMs);
  else if ('offsetMs' in change) clock.setOffset(change.offsetMs);
  else clock.setOffset(Date.parse(change.now) - Date.now());
  return json(200, clockState(clock));
}

function clockState(clock: ControlRequest['simulator']['clock']): object {
  return { now: new Date(clock.now()).toISOString(), offsetMs: clock.offsetMs };
}

const pointsSchema = z.strictObject({ cloudId: z.string(), spent: z.int().nonnegative() });

/** Clock, switches, latency, faults, points, the app's registration, and the request log. */
export const switchRoutes: readonly ControlRoute[] = [
  ['GET', '/clock', ({ simulator }) => json(200, clockState(simulator.clock))],
  ['POST', '/clock', setClock],
  ['GET', '/switches', ({ simulator }) => json(200, simulator.settings.switches)],
  ['PATCH', '/switches', ({ simulator, body }) => json(200, simulator.settings.patch(switchesPatchSchema.parse(body)))],
  ['DELETE', '/switches', ({ simulator }) => json(200, simulator.settings.reset())],
  ['GET', '/app', ({ simulator }) => json(200, withoutSecret(simulator.app.current))],
  [
    'PATCH',
    '/app',
    ({ simulator, body }) => json(200, withoutSecret(simulator.app.patch(registrationPatchSchema.parse(body)))),
  ],
  ['GET', '/latency', ({ simulator }) => json(200, simulator.latency.settings)],
  [
    'PUT',
    '/latency',
    ({ simulator, body }) => {
      simulator.latency.set(latencySchema.parse(body));
      return json(200, simulator.latency.settings);
    },
  ],
  ['GET', '/faults', ({ simulator }) => json(200, { faults: simulator.faults.list() })],
  ['POST', '/faults', ({ simulator, body }) => json(201, simulator.faults.add(readFaultRule(body)))],
  ['DELETE', '/faults', ({ simulator }) => json(200, { faults: removeFaults(simulator) })],
  [
    'DELETE',
    '/faults/:id',
    ({ simulator, params }) => json(200, { faults: removeFaults(simulator, Number(params.id)) }),
  ],
  [
    'PUT',
    '/points',
    ({ simulator, body }) => {
      const { cloudId, spent } = pointsSchema.parse(body);
      simulator.points.setSpent(cloudId, spent);
      return json(200, { spent: simulator.points.spent(cloudId) });
    },
  ],
  [
    'DELETE',
    '/points',
    ({ simulator }) => {
      simulator.points.resetHour();
      return json(200, {});
    },
  ],
  ['GET', '/requests', listRequests],
  [
    'DELETE',
    '/requests',
    ({ simulator }) => {
      simulator.log.clear();
      return json(200, {});
    },
  ],
  ['GET', '/stats', ({ simulator }) => json(200, simulator.log.stats())],
  [
    'DELETE',
    '/stats',
    ({ simulator }) => {
      simulator.log.resetStats();
      return json(200, {});
    },
  ],
];

function listRequests({ simulator, query }: ControlRequest) {
  const requests = simulator.log.list({
    since: Number(query.get('since') ?? 0),
    pathContains: query.get('pathContains') ?? '',
    method: query.get('method') ?? '',
    cloudId: query.get('cloudId') ?? '',
  });
  return json(200, { requests });
}

function removeFaults(simulator: ControlRequest['simulator'], id?: number) {
  simulator.faults.remove(id);
  return simulator.faults.list();
}

function withoutSecret<Registration extends { clientSecret: string }>(
  registration: Registration,
): Omit<Registration, 'clientSecret'> {
  const { clientSecret: _, ...rest } = registration;
  return rest;
}
