import * as z from 'zod';
import { AtlassianError } from '../../atlassian/errors.ts';
import { isExcluded } from '../fence.ts';
import { defineOperation } from '../operation.ts';
import { notFound } from '../problems.ts';
import { resolveSpace } from '../resolve-target.ts';
import { spaceIdArgument, spaceKeyArgument } from '../shapes.ts';
import { describedSpaceSchema, spaceView, spaceViewShape } from '../space-view.ts';

export const getSpace = defineOperation({
  name: 'confluence_get_space',
  group: 'spaces',
  title: 'Look at a Confluence space',
  description:
    'Gives one space’s name, type, description and home page; read the home page with confluence_get_page to see how the space is organised. ' +
    'Give spaceKey or spaceId. Example: {"spaceKey": "IT"}.',
  input: z
    .strictObject({ spaceKey: spaceKeyArgument.optional(), spaceId: spaceIdArgument.optional() })
    .superRefine(({ spaceKey, spaceId }, issues) => {
      if ((spaceKey === undefined) === (spaceId === undefined)) {
        issues.addIssue({ code: 'custom', path: ['spaceKey'], message: 'or spaceId: give exactly one of the two' });
      }
    }),
  output: z.object(spaceViewShape),
  async run(context, args) {
    const { spaceId } = await resolveSpace(context, args);
    const value = await context.confluence.get(`/wiki/api/v2/spaces/${spaceId}`, { 'description-format': 'plain' });
    const space = describedSpaceSchema.safeParse(value);
    if (!space.success) throw new AtlassianError('malformed', '/spaces/{id} has another form than documented');
    if (isExcluded(context, space.data.key)) throw notFound(`Space ${spaceId}`);
    return spaceView(context, space.data);
  },
});
