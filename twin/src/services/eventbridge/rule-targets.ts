// Whom a rule of EventBridge calls, and with what. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html

import { findTarget } from '../../template/targets.ts';
import type { Resource, Template } from '../../template/template.ts';

export type RuleTarget = {
  readonly functionArn: string;
  /** What the target gets of an event: it, or the rule's own input. */
  readonly inputOf: (event: unknown) => unknown;
};

type GivenTarget = {
  readonly Id: string;
  readonly Arn: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: unknown;
};

/** Throws TargetNotModelled for a function that is not there. */
export function readTargets(
  { logicalId, properties }: Resource,
  template: Template,
  report: (problem: string) => void,
): readonly RuleTarget[] {
  return ((properties.Targets ?? []) as readonly GivenTarget[]).flatMap((target) => {
    const { Id, Arn, Input, InputPath, InputTransformer } = target;
    const notCalled = (reason: string) => {
      report(`${logicalId}: ${Id} is not called: ${reason}.`);
      return [];
    };
    if (!Arn.startsWith('arn:aws:lambda:')) return notCalled(`${Arn} is no function`);
    findTarget(template, Arn, ['function'], logicalId);
    // The function would get another event than in the cloud.
    if (InputPath !== undefined || InputTransformer !== undefined)
      return notCalled('InputPath and InputTransformer are not modelled');
    if (Input === undefined) return [{ functionArn: Arn, inputOf: (event: unknown) => event }];
    try {
      const input: unknown = JSON.parse(Input);
      return [{ functionArn: Arn, inputOf: () => input }];
    } catch (error) {
      return notCalled(`its input is no JSON (${(error as Error).message})`);
    }
  });
}
