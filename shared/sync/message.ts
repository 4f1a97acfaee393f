import * as z from 'zod';
import { idSchema } from '../platform/ids.ts';

/**
 * What travels on the queues `confluence-sync` and `confluence-sync-now`. Every kind is safe to receive twice and late:
 * a message names its epoch or describes work that is found done.
 */
export const messageSchema = z.discriminatedUnion('kind', [
  /** Look whether anything changed; the claim stands on the connection. */
  z.strictObject({
    kind: z.literal('delta'),
    tenantId: idSchema,
    epoch: z.number().int(),
    /** When the message became visible: tells how long messages wait. */
    dueAt: z.string().optional(),
    traceparent: z.string().optional(),
  }),
  /** Work on a run for one slice. */
  z.strictObject({
    kind: z.literal('run'),
    tenantId: idSchema,
    runId: z.string(),
    epoch: z.number().int(),
    /** When the message became visible: tells how long messages wait. */
    dueAt: z.string().optional(),
    traceparent: z.string().optional(),
  }),
  /** Delete the tenant's items of a site that is no longer its site, in slices. */
  z.strictObject({
    kind: z.literal('erase-index'),
    tenantId: idSchema,
    cloudId: z.string(),
    /** The look after the last slice: a worker may have written a page while the slices were deleted. */
    last: z.boolean().optional(),
    traceparent: z.string().optional(),
  }),
  /** Go on with what a crash may have left of disconnecting, of a replaced grant or of an unclaimed one. */
  z.strictObject({ kind: z.literal('tidy-connection'), tenantId: idSchema, traceparent: z.string().optional() }),
]);

export type Message = z.infer<typeof messageSchema>;

/** A message as it stands on a queue, base64; `undefined` for what is none of ours. */
export function decodeMessage(text: string): Message | undefined {
  try {
    return messageSchema.safeParse(JSON.parse(Buffer.from(text, 'base64').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
