import * as z from 'zod';
import { spaceSchema } from '../atlassian/schemas.ts';
import { wikiUrl } from './attachments.ts';
import type { ToolContext } from './operation.ts';
import { plainText } from './plain-text.ts';
import { clip } from './text-window.ts';

/** A space with its description, when that was asked for in plain text. */
export const describedSpaceSchema = spaceSchema.extend({
  description: z.object({ plain: z.object({ value: z.string() }).nullish() }).nullish(),
});
type DescribedSpace = z.infer<typeof describedSpaceSchema>;

export const spaceViewShape = {
  spaceId: z.string(),
  spaceKey: z.string(),
  spaceName: z.string(),
  type: z.string().describe('global, knowledge_base, collaboration, personal, …'),
  status: z.string(),
  url: z.string(),
  homepageId: z.string().nullable().describe('The pageId of the page at the top of the space.'),
  description: z.string().optional(),
};

const DESCRIPTION_MAX_CHARS = 300;

export function spaceView(context: Pick<ToolContext, 'site'>, space: DescribedSpace) {
  const description = plainText(space.description?.plain?.value ?? '');
  return {
    spaceId: space.id,
    spaceKey: space.key,
    spaceName: space.name,
    type: space.type,
    status: space.status,
    url: wikiUrl(context, space._links.webui ?? `/spaces/${encodeURIComponent(space.key)}`),
    homepageId: space.homepageId ?? null,
    ...(description === '' ? {} : { description: clip(description, DESCRIPTION_MAX_CHARS) }),
  };
}
