// A small system for tests of the twin's parts: one stack from resources given by hand.

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
  return createTemplate([stackOf('weir-test', { ...rest, Resources: resources }, assets)]);
}

export const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
export const invocationUri = (name: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn(name)}/invocations`;
