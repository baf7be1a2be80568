// What calls to Lambda need: to invoke a function, by its name or its ARN.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html

import { functionArn } from '../arns.ts';
import type { Needs } from './call-needs.ts';

const invocationsPath = /^\/2015-03-31\/functions\/([^/?]+)\/invocations(?:\?|$)/;

export const lambdaNeeds: Needs = ({ method, url }) => {
  const [, name] = invocationsPath.exec(url) ?? [];
  if (method !== 'POST' || name === undefined) return undefined;
  return [{ action: 'lambda:InvokeFunction', resource: functionArn(decodeURIComponent(name)) }];
};
