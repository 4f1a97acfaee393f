import * as z from 'zod';
import { problem } from './api-answers.ts';
import { describedRoutes } from './http-function.ts';
import { type Caller, type RouteName, routes } from './routes.ts';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of this API, made of the route table and the schemas that the routes check with. */
export function openApiDocument(): Json {
  const paths: Record<string, Json> = {};
  for (const [name, description] of describedRoutes()) {
    const { method, path } = routes[name];
    const item = paths[`/api/${path}`] ?? {};
    paths[`/api/${path}`] = { ...item, [method.toLowerCase()]: operation(name, description) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Confluence for Neo', version: '1', license: { name: 'MIT', identifier: 'MIT' } },
    paths,
    components: {
      securitySchemes: {
        dashboard: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'A token of the dashboard backend: role Confluence.Manage.All, or Confluence.Manage and tenants.',
        },
        agent: { type: 'http', scheme: 'bearer', description: 'An agent key.' },
      },
      schemas: { Problem: jsonSchema(problem, 'output') },
    },
  };
}

type Description = ReturnType<typeof describedRoutes> extends ReadonlyMap<unknown, infer D> ? D : never;

function operation(name: RouteName, { summary, query, body, status = 200, answer }: Description): Json {
  const { path, caller } = routes[name];
  return {
    operationId: name,
    summary,
    security: security(caller),
    parameters: [...pathParameters(path), ...(query ? queryParameters(query) : [])],
    ...(body ? { requestBody: { content: { 'application/json': { schema: jsonSchema(body, 'input') } } } } : {}),
    responses: {
      [status]: {
        description: 'The usual answer.',
        ...(answer ? { content: { 'application/json': { schema: jsonSchema(answer, 'output') } } } : {}),
      },
      default: {
        description: 'What went wrong, and what to do.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function security(caller: Caller): Json[] {
  return caller === 'anyone' ? [] : [{ [caller]: [] }];
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodType): Json[] {
  const { properties = {}, required = [] } = jsonSchema(query, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
