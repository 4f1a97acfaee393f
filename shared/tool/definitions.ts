import * as z from 'zod';
import type { Operation } from './operation.ts';

/** An operation as JSON Schema, ready to be handed to a model as a tool. */
export interface OperationDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly group: string;
  readonly inputSchema: ObjectSchema;
  readonly outputSchema: ObjectSchema;
}

export interface ObjectSchema {
  readonly type: 'object';
  readonly [keyword: string]: unknown;
}

const definitions = new WeakMap<Operation, OperationDefinition>();

/** The definition of an operation, made once a process. */
export function definitionOf(operation: Operation): OperationDefinition {
  const made = definitions.get(operation) ?? define(operation);
  definitions.set(operation, made);
  return made;
}

function define({ name, title, description, group, input, output }: Operation): OperationDefinition {
  return {
    name,
    title,
    description,
    group,
    inputSchema: objectSchema(input, 'input'),
    outputSchema: objectSchema(output, 'output'),
  };
}

/**
 * Draft 7 is what every model's tool parameter and the MCP clients' validators read; `$schema` confuses some, and so do
 * `propertyNames` and an `anyOf` below `additionalProperties`: what an open object may hold, its description says.
 */
function objectSchema(schema: z.ZodType, io: 'input' | 'output'): ObjectSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io,
    override({ zodSchema, jsonSchema }) {
      if (zodSchema._zod.def.type !== 'record') return;
      delete jsonSchema.propertyNames;
      jsonSchema.additionalProperties = true;
    },
  });
  return { ...rest, type: 'object' };
}
