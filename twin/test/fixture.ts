// A small template for tests of the twin's parts, one stack from resources given by hand, and a proxy with a route.

import { AwsProxy, type AwsProxyOptions, type Route } from '../src/core/proxy/aws-proxy.ts';
import type { Stack, StackTemplate } from '../src/template/assembly.ts';
import { createTemplate, type Template } from '../src/template/template.ts';

export function stackOf(name: string, template: StackTemplate, assets: Record<string, string> = {}): Stack {
  return { name, template, assetFolders: new Map(Object.entries(assets)) };
}

export function templateOf(
  resources: StackTemplate['Resources'],
  rest: Omit<StackTemplate, 'Resources'> = {},
  assets: Record<string, string> = {},
): Template {
  const stack = stackOf('weir-test', { ...rest, Resources: resources }, assets);
  return createTemplate([stack], (functionName) => functionName.replace(/^weir-[a-z]+-/, ''));
}

export const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
export const invocationUri = (name: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn(name)}/invocations`;

export function connectedProxy({ callers, report, ...route }: AwsProxyOptions & Route): AwsProxy {
  const proxy = new AwsProxy({ callers, report });
  proxy.connect(route);
  return proxy;
}
