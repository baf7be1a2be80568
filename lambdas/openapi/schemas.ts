// JSON Schemas of what validates: of zod's schemas, with what no schema says added.

import * as z from 'zod';
import type { JsonSchema } from './operation.ts';

type Described = { readonly description: string; readonly example: unknown; readonly schema?: JsonSchema };

/** A text by classes of Unicode, such as halves of surrogate pairs. No other dialect of patterns knows them. */
const byClasses = /\\p\{Surrogate\}.*\{(\d+),(\d+)\}\$$/i;

const refersTo = (text: string): string => text.replaceAll('"#/$defs/', '"#/components/schemas/');

/** Adds the schemas that have an id to `components`. `isOpen`: members that are not named may come. */
export function toJsonSchema(
  schema: z.core.$ZodType,
  components: Record<string, unknown>,
  { isOpen }: { readonly isOpen: boolean },
): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io: isOpen ? 'output' : 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (isOpen && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      const [, least, most] = byClasses.exec(jsonSchema.pattern ?? '') ?? [];
      if (most === undefined) return;
      delete jsonSchema.pattern;
      Object.assign(jsonSchema, { minLength: Number(least), maxLength: Number(most) });
    },
  });
  const { $schema: _, $defs = {}, ...own } = JSON.parse(refersTo(JSON.stringify(made)));
  Object.assign(components, $defs);
  return own;
}

/** The schema of a body, with a description and an example of each member. One that is missing does not compile. */
export function describedBody<Shape extends z.core.$ZodShape>(
  schema: z.core.$ZodObject<Shape>,
  members: { readonly [Name in keyof Shape]: Described },
): JsonSchema {
  const { properties, ...object } = toJsonSchema(schema, {}, { isOpen: false });
  const described = Object.entries<Described>(members).map(
    ([name, { schema: more, description, example }]) => [
      name,
      { ...(properties as Record<string, object>)[name], ...more, description, examples: [example] },
    ],
  );
  return { ...object, properties: Object.fromEntries(described) };
}
