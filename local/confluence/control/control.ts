import { z } from 'zod';
import { BadKnowledgeBase } from '../content/knowledge-base.ts';
import { NoSuchContent } from '../content/mutations.ts';
import { SiteExists } from '../content/site-setup.ts';
import { type Answer, type Exchange, json } from '../http/exchange.ts';
import { Router } from '../http/router.ts';
import type { Simulator } from '../simulator.ts';
import { accessRoutes } from './access.ts';
import { contentRoutes } from './content.ts';
import type { ControlHandler } from './request.ts';
import { Refused } from './request.ts';
import { siteRoutes } from './sites.ts';
import { switchRoutes } from './switches.ts';

const router = new Router<ControlHandler>();
for (const routes of [switchRoutes, accessRoutes, siteRoutes, contentRoutes]) {
  for (const [method, pattern, handler] of routes) router.add(method, `/_simulator${pattern}`, handler);
}

/** The control API. Errors are `{error}` with a sentence that says what to do. */
export async function answerControl(simulator: Simulator, exchange: Exchange): Promise<Answer> {
  const found = router.match(exchange.method, exchange.path);
  if (!found) return json(404, { error: `no such control route: ${exchange.method} ${exchange.path}` });
  try {
    const text = await exchange.body();
    return await found.handler({
      simulator,
      params: found.params,
      query: exchange.query,
      body: text === '' ? {} : JSON.parse(text),
    });
  } catch (error) {
    if (error instanceof z.ZodError) return json(400, { error: z.prettifyError(error) });
    if (error instanceof SyntaxError) return json(400, { error: `the body is not JSON: ${error.message}` });
    if (error instanceof Refused) return json(error.status, { error: error.message });
    if (error instanceof NoSuchContent) return json(404, { error: error.message });
    if (error instanceof BadKnowledgeBase) return json(400, { error: error.message });
    if (error instanceof SiteExists) return json(409, { error: error.message });
    throw error;
  }
}
