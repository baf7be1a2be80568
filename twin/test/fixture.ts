// A small system for tests of the twin's parts: one stack from resources given by hand.

import type { Stack, Template } from '../src/template/assembly.ts';
import { createSystem, type System } from '../src/template/template.ts';

export function stackOf(name: string, template: Template, assets: Record<string, string> = {}): Stack {
  return { name, template, assetFolders: new Map(Object.entries(assets)) };
}

export function systemOf(
  resources: Template['Resources'],
  rest: Omit<Template, 'Resources'> = {},
  assets: Record<string, string> = {},
): System {
  return createSystem([stackOf('weir-test', { ...rest, Resources: resources }, assets)]);
}

export const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
export const invocationUri = (name: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn(name)}/invocations`;
