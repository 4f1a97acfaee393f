import { operations } from '../shared/platform/api-answers.ts';
import { agentRoute } from '../shared/platform/http-function.ts';
import { definitionOf } from '../shared/tool/definitions.ts';
import { operationsFor } from '../shared/tool/registry.ts';

const description = { summary: 'The operations that this agent may call, with their schemas.', answer: operations };

agentRoute('tool-list', description, async ({ agent }) => ({
  jsonBody: { operations: operationsFor(agent).map(definitionOf) },
}));
