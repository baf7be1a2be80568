// A small template for tests of the twin's parts, one stack from resources given by hand, and a proxy with a route.

import type { Measurement, MetricSink } from '../src/core/metric-sink.ts';
import { AwsProxy, type AwsProxyOptions, type Route } from '../src/core/proxy/aws-proxy.ts';
import type { Stack, StackTemplate } from '../src/template/assembly.ts';
import { createTemplate, type Template } from '../src/template/template.ts';

export const noMetrics: MetricSink = { add: () => undefined };

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

/** Keeps what is measured, and adds it up by name, under exactly these dimensions. */
export function keptMetrics() {
  const kept: Measurement[] = [];
  const canonical = (dimensions: Measurement['dimensions']) =>
    JSON.stringify(Object.entries(dimensions).toSorted());
  return {
    kept: kept as readonly Measurement[],
    sink: { add: (measurement) => void kept.push(measurement) } satisfies MetricSink,
    sums: (dimensions: Measurement['dimensions']): Readonly<Record<string, number>> => {
      const sums: Record<string, number> = {};
      for (const each of kept)
        if (canonical(each.dimensions) === canonical(dimensions))
          sums[each.name] = (sums[each.name] ?? 0) + each.value;
      return sums;
    },
  };
}

export const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
export const invocationUri = (name: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn(name)}/invocations`;

export function connectedProxy({ callers, report, ...route }: AwsProxyOptions & Route): AwsProxy {
  const proxy = new AwsProxy({ callers, report });
  proxy.connect(route);
  return proxy;
}
