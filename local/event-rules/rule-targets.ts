// Whom a rule of EventBridge calls, and with what. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html

import type { Resource } from '../template/system.ts';

export type RuleTarget = {
  readonly functionArn: string;
  /** What the target gets of an event: it, or the rule's own input. */
  readonly inputOf: (event: unknown) => unknown;
};

type Target = { readonly Id: string; readonly Arn: string; readonly Input?: string };

export function readTargets(
  { logicalId, properties }: Resource,
  report: (problem: string) => void,
): readonly RuleTarget[] {
  return ((properties.Targets ?? []) as readonly Target[]).flatMap(({ Id, Arn, Input }) => {
    const notCalled = (reason: string) => {
      report(`${logicalId}: ${Id}: ${reason}, and is not called.`);
      return [];
    };
    if (!Arn.startsWith('arn:aws:lambda:')) return notCalled(`${Arn} is no function`);
    if (Input === undefined) return [{ functionArn: Arn, inputOf: (event: unknown) => event }];
    try {
      const input: unknown = JSON.parse(Input);
      return [{ functionArn: Arn, inputOf: () => input }];
    } catch (error) {
      return notCalled(`its input is no JSON (${(error as Error).message})`);
    }
  });
}
