// What calls to Lambda need: to invoke a function, by its name or its ARN, or one of its versions or aliases, which is
// another resource.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html

import { functionArn } from '../arns.ts';
import type { Needs } from './call-needs.ts';

const latest = '$LATEST';
const invocationsPath = /^\/2015-03-31\/functions\/([^/?]+)\/invocations(?:\?(.*))?$/;

export const lambdaNeeds: Needs = ({ method, url }) => {
  const [, name, query] = invocationsPath.exec(url) ?? [];
  if (method !== 'POST' || name === undefined) return undefined;
  const qualifier = new URLSearchParams(query).get('Qualifier');
  const resource = functionArn(decodeURIComponent(name));
  return [
    {
      action: 'lambda:InvokeFunction',
      resource: qualifier === null || qualifier === latest ? resource : `${resource}:${qualifier}`,
    },
  ];
};
