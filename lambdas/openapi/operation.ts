// What a page for clients says of a route, beside what routes.ts has: the types that make the compiler ask for all of it.

import type * as z from 'zod';
import type { ProblemCode } from '../../domain/api/problems.ts';
import type { QueryName, RouteName } from '../../domain/api/routes.ts';
import type { RequestHeader, ResponseHeader } from './headers.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

export type Parameter = {
  /** One of a family, such as `metadata.plan` of `metadata.*`. */
  readonly name?: string;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example: string | number;
  readonly required?: true;
};

export type Answer = {
  readonly description: string;
  /** Absent for an answer without a body. */
  readonly json?: { readonly schema: z.ZodType; readonly example: unknown };
  /** An example of it. */
  readonly csv?: string;
  readonly headers?: readonly ResponseHeader[];
};

export type Body = {
  readonly description: string;
  readonly required: boolean;
  readonly content: Readonly<Record<string, { readonly schema: JsonSchema; readonly example: unknown }>>;
};

type PathName<Path> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | PathName<Rest> : never;

export type Operation<Name extends RouteName = RouteName> = {
  readonly tag: 'events' | 'reading' | 'quarantine' | 'keys' | 'members' | 'service';
  /** As a generated client calls it. */
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly path: Readonly<Record<PathName<Name>, Parameter>>;
  readonly query: Readonly<Record<QueryName<Name>, Parameter>>;
  readonly headers?: readonly RequestHeader[];
  readonly body?: Body;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Without those of the gateway and the authorizer, which answer on every route. */
  readonly problems: readonly ProblemCode[];
  /** Of every answer that is not the gateway's own, problems included. */
  readonly limits?: true;
};

/** Some of the operations, each checked against its route. */
export type Operations<Names extends RouteName> = { readonly [Name in Names]: Operation<Name> };

/** The example must be one of what the schema allows. */
export const json = <T>(schema: z.ZodType<T>, example: NoInfer<T>): NonNullable<Answer['json']> => ({
  schema,
  example,
});
