import * as z from 'zod';

/** The tenant of the application itself: holds what no customer owns. No caller can name it, because of its `_`. */
export const APP_TENANT = '_app';

/** A tenant's or an agent's id, as the dashboard chose it. */
export const idSchema = z
  .string()
  .regex(/^[A-Za-z0-9.-][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 of A-Z a-z 0-9 . _ - and not begin with _')
  // A client that normalises URLs would send these to another route.
  .refine((id) => !/^\.+$/.test(id), 'must not be made of dots alone');
