// The function's ARN inside `arn:aws:apigateway:…:lambda:path/2015-03-31/functions/<arn>/invocations`.

import { ApiNotModelled } from './api-not-modelled.ts';

export function functionIn(uri: string, logicalId: string): string {
  const arn = /\/functions\/(.+)\/invocations$/.exec(uri)?.[1];
  if (arn === undefined) throw new ApiNotModelled(`${logicalId}: ${uri} is not the address of a function.`);
  return arn;
}
