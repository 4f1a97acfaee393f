import * as z from 'zod';
import { GROUPS, type Groups, groupsOfProfile, groupsWith, PROFILES } from './groups.ts';

const accessLevel = z.enum(['read_only', 'disabled']);

/** Body of `PUT …/confluence-tool`: a profile, or groups; what is left out of `groups` is disabled. */
export const agentAccessSchema = z
  .strictObject({
    profile: z.enum(PROFILES).optional(),
    groups: z
      .strictObject({
        pages: accessLevel.optional(),
        spaces: accessLevel.optional(),
        search: accessLevel.optional(),
        attachments: accessLevel.optional(),
        users: accessLevel.optional(),
      })
      .optional(),
  })
  .refine(({ profile, groups }) => (profile === undefined) !== (groups === undefined), {
    path: ['profile'],
    message: 'or groups: give exactly one of the two',
  });

/** Body of `POST …/keys`. */
export const keyRequestSchema = z.strictObject({ revokeOthers: z.boolean().default(false) });

/** The groups that a request for access asks for. */
export function groupsOf({ profile, groups = {} }: z.infer<typeof agentAccessSchema>): Groups {
  return profile ? groupsOfProfile(profile) : groupsWith(GROUPS.filter((group) => groups[group] === 'read_only'));
}
