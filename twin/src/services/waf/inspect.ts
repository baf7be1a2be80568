// What WAF sees of a request.

import { type Exchange, headerOf } from '../api-gateway/exchange.ts';

export type InspectedRequest = {
  readonly sourceIp: string;
  readonly uriPath: string;
  readonly method: string;
  /** The first value of a header; its name in lower case. */
  header(name: string): string | undefined;
};

export function inspect(exchange: Exchange): InspectedRequest {
  const { sourceIp, stageName, path, httpMethod } = exchange;
  return {
    sourceIp,
    // At the API's own address, which a template without a domain has, the path begins with the stage.
    // https://docs.aws.amazon.com/waf/latest/developerguide/logging-examples.html
    uriPath: `/${stageName}${path}`,
    method: httpMethod,
    header: (name) => headerOf(exchange, name),
  };
}
