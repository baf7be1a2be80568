// What a stage sets for single methods, and the throttles that a usage plan sets for them, in the spelling of each.

import type { Resource } from '../../../template/template.ts';
import { ApiNotModelled } from '../api-not-modelled.ts';
import { readThrottle, type Throttle } from './throttle.ts';

export type MethodName = { readonly httpMethod: string; readonly resourcePath: string };
export type MethodThrottles = (method: MethodName) => Throttle | undefined;

type MethodSetting = {
  readonly ResourcePath?: string;
  readonly HttpMethod?: string;
  readonly MetricsEnabled?: unknown;
  readonly ThrottlingRateLimit?: unknown;
  readonly ThrottlingBurstLimit?: unknown;
};
/** By `/path/METHOD`, `//METHOD` for the root, without wildcards. */
export type PlanThrottleSettings = Readonly<
  Record<string, { readonly RateLimit?: unknown; readonly BurstLimit?: unknown }>
>;

export function methodName({ httpMethod, resourcePath }: MethodName): string {
  return `${httpMethod} ${resourcePath}`;
}

const everyMethod = methodName({ httpMethod: '*', resourcePath: '*' });

export function readStageThrottles(stage: Resource): MethodThrottles {
  return readMethodSettings(stage, (setting, place) =>
    readThrottle(place, setting.ThrottlingRateLimit, setting.ThrottlingBurstLimit),
  );
}

export function readMethodMetrics(stage: Resource): (method: MethodName) => boolean {
  const isEnabled = readMethodSettings(stage, ({ MetricsEnabled }) => MetricsEnabled === true);
  return (method) => isEnabled(method) ?? false;
}

/**
 * Reads a stage's MethodSettings: one entry a method, or one for all that have none. An entry for a method replaces
 * the one for all, also where it sets nothing.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-stage-methodsetting.html
 */
function readMethodSettings<Value>(
  { logicalId, properties }: Resource,
  read: (setting: MethodSetting, place: string) => Value,
): (method: MethodName) => Value | undefined {
  const values = new Map<string, Value>();
  for (const setting of (properties.MethodSettings ?? []) as readonly MethodSetting[]) {
    const { ResourcePath = '', HttpMethod = '' } = setting;
    const place = `${logicalId}: MethodSettings of ${HttpMethod} ${ResourcePath}`;
    // `/~1v1~1events` is /v1/events, `/` the root and `/*` every path.
    const resourcePath = ResourcePath.slice(1).replaceAll('~1', '/') || '/';
    if ((resourcePath === '*') !== (HttpMethod === '*'))
      throw new ApiNotModelled(
        `${place}: AWS knows one method of one path, or * of /*, and nothing between.`,
      );
    values.set(methodName({ httpMethod: HttpMethod, resourcePath }), read(setting, place));
  }
  return (method) => values.get(values.has(methodName(method)) ? methodName(method) : everyMethod);
}

/** Reads the throttles in the stage's entry of a usage plan. */
export function readPlanThrottles(plan: string, settings: PlanThrottleSettings): MethodThrottles {
  const throttles = new Map<string, Throttle | undefined>();
  for (const [key, { RateLimit, BurstLimit }] of Object.entries(settings)) {
    const place = `${plan}: Throttle of ${key}`;
    if (key.includes('*')) throw new ApiNotModelled(`${place}: it has to name one method of one path.`);
    const methodAt = key.lastIndexOf('/');
    const resourcePath = key.slice(0, methodAt);
    throttles.set(
      methodName({ httpMethod: key.slice(methodAt + 1), resourcePath }),
      readThrottle(place, RateLimit, BurstLimit),
    );
  }
  return (method) => throttles.get(methodName(method));
}
