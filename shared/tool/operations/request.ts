import * as z from 'zod';
import { cursorOf } from '../../atlassian/list.ts';
import { listSchema } from '../../atlassian/schemas.ts';
import { invalidArguments } from '../../platform/http-function.ts';
import { splitCql } from '../cql.ts';
import { assertNotExcluded } from '../fence.ts';
import { defineOperation, type ToolContext } from '../operation.ts';
import { checkRead } from '../read-gateway.ts';
import { visibleAnswer } from '../request-answer.ts';
import { type ReadRequest, readRequest } from '../request-path.ts';
import { resolveSpace } from '../resolve-target.ts';
import { sendFenced } from '../search-content.ts';
import { BODY_CHARS_MAX, nextCursorShape } from '../shapes.ts';
import { textWindow } from '../text-window.ts';

/** An answer of 30,000 characters stays below 100 KB in any script. */
const ANSWER_CHARS_DEFAULT = 30_000;

export const request = defineOperation({
  name: 'confluence_request',
  group: ['pages', 'spaces', 'search', 'attachments'],
  title: 'GET a path of Confluence’s API',
  description:
    'Reads a path of Confluence’s REST API that the other operations do not cover, and gives its JSON as it is. Only GET, only /wiki/api/v2/… and /wiki/rest/api/search, ' +
    'and only paths whose permission group is on. Prefer the other operations: they are shorter and read better. ' +
    'Example: {"path": "/wiki/api/v2/pages/98352/versions/3"}; {"path": "/wiki/api/v2/labels/98601/pages", "query": {"limit": 10}}.',
  input: z.strictObject({
    method: z.string().trim().min(1).max(40).default('GET').describe('GET; every other method is refused.'),
    path: z.string().min(1).max(4_000).describe('From /wiki on, without a host: /wiki/api/v2/….'),
    query: z
      .record(
        z.string().max(100),
        z.union([z.string().max(8_000), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()])).max(250)]),
      )
      .default({})
      .describe(
        'Query parameters by name, not encoded, each a text, number, boolean or list: {"limit": 10, "body-format": "storage"}.',
      ),
    maxChars: z
      .int()
      .min(100)
      .max(BODY_CHARS_MAX)
      .default(ANSWER_CHARS_DEFAULT)
      .describe('A longer answer comes as text in pieces of this many characters.'),
    offset: z.int().min(0).max(100_000_000).default(0).describe('Where in a long answer to go on: nextOffset.'),
  }),
  output: z.object({
    path: z.string(),
    json: z.unknown().optional().describe('Confluence’s answer.'),
    nextCursor: nextCursorShape,
    text: z.string().optional().describe('A piece of the answer’s JSON, when the whole is longer than maxChars.'),
    offset: z.int().optional(),
    totalChars: z.int().optional(),
    nextOffset: z.int().optional(),
  }),
  async run(context, { method, path, query, maxChars, offset }) {
    const wanted = readRequest(method.toUpperCase(), path, query);
    // Before anything else is asked, even to find out whether the space is excluded.
    checkRead(context.agent, wanted.path, wanted.query);
    const isBelowVisible = await assertContainerNotExcluded(context, wanted.path);
    const answer = await send(context, wanted);
    const json = await visibleAnswer(context, wanted.path, answer, { isBelowVisible });
    const nextCursor = nextCursorOf(answer);
    const rest = { path: wanted.path, ...(nextCursor === undefined ? {} : { nextCursor }) };
    const whole = JSON.stringify(json);
    if (offset === 0 && whole.length <= maxChars) return { ...rest, json };
    return { ...rest, ...textWindow(whole, offset, maxChars) };
  },
});

/** CQL is fenced here as in `confluence_search`, or this would be the way around it. */
function send(context: ToolContext, { path, query }: ReadRequest): Promise<unknown> {
  if (path !== '/wiki/rest/api/search') return context.confluence.get(path, query);
  const { cql, ...rest } = query;
  if (cql === undefined) throw invalidArguments([{ field: 'query.cql', problem: 'is missing' }]);
  return sendFenced(context, splitCql(cql), {}, rest);
}

/**
 * What hangs on a page, blog post, space or attachment in an excluded space is not read at all. Gives whether the path
 * hangs on something that was checked; what stands on its own is checked by its answer.
 */
async function assertContainerNotExcluded(context: ToolContext, path: string): Promise<boolean> {
  const [, kind, id] = /^\/wiki\/api\/v2\/(pages|blogposts|spaces|attachments)\/(\w+)\/./.exec(path) ?? [];
  if (context.scope.excludedKeys.length === 0 || kind === undefined || id === undefined) return false;
  if (kind === 'spaces') await resolveSpace(context, { spaceId: id });
  else if (kind === 'attachments') {
    const attachmentPath = `/wiki/api/v2/attachments/${id}`;
    await visibleAnswer(context, attachmentPath, await context.confluence.get(attachmentPath));
  } else await assertNotExcluded(context, kind === 'pages' ? 'pages' : 'blogposts', id);
  return true;
}

function nextCursorOf(answer: unknown): string | undefined {
  const envelope = listSchema.safeParse(answer);
  return envelope.success ? cursorOf(envelope.data._links.next) : undefined;
}
