import { agentRoute } from '../shared/platform/http-function.ts';
import { definitionOf } from '../shared/tool/definitions.ts';
import { operationsFor } from '../shared/tool/registry.ts';

agentRoute('tool-list', async ({ agent }) => ({
  jsonBody: { operations: operationsFor(agent).map(definitionOf) },
}));
