// A value of the request that the template names, such as `method.request.header.x-api-key`: which one is known at the
// start, and a name that the twin does not run fails it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html

import { ApiNotModelled } from './api-not-modelled.ts';
import { type ContextValues, contextText } from './context.ts';
import { type Exchange, headerOf } from './exchange.ts';

/** What is known of a request when a value is asked for. */
export type RequestFacts = {
  readonly exchange: Exchange;
  readonly context: ContextValues;
  readonly pathParameters: ContextValues;
  readonly stageVariables: ContextValues;
};

/** Undefined where the request has no such value. */
export type RequestValue = (facts: RequestFacts) => string | undefined;

type ValueByName = (facts: RequestFacts, name: string) => string | undefined;

const valuesByPlace = {
  context: ({ context }, name) => contextText(context, name),
  'method.request.header': ({ exchange }, name) => headerOf(exchange, name.toLowerCase()),
  'method.request.path': ({ pathParameters }, name) => contextText(pathParameters, name),
  // The last value of a parameter that comes more than once stands for all of them.
  'method.request.querystring': ({ exchange }, name) => exchange.query.getAll(name).at(-1),
  stageVariables: ({ stageVariables }, name) => contextText(stageVariables, name),
} as const satisfies Record<string, ValueByName>;

type Place = keyof typeof valuesByPlace;

export function readRequestValue(
  source: string,
  { usedBy, places }: { readonly usedBy: string; readonly places: readonly Place[] },
): RequestValue {
  const place = places.find((one) => source.startsWith(`${one}.`));
  const name = source.slice((place?.length ?? 0) + 1);
  if (place === undefined || name === '')
    throw new ApiNotModelled(`${usedBy}: the source ${source} is not modelled.`);
  return (facts) => valuesByPlace[place](facts, name);
}
