// What of the template a service may send to, found by its ARN.

import { functionNameOf, qualifiedArn, type Template } from './template.ts';

export type TargetKind = 'bucket' | 'function' | 'queue' | 'topic';
export type Target = { readonly kind: TargetKind; readonly name: string; readonly arn: string };

export class TargetNotModelled extends Error {
  override readonly name = 'TargetNotModelled';
}

const types: Readonly<Record<TargetKind, { readonly type: string; readonly arnAttribute: string }>> = {
  bucket: { type: 'AWS::S3::Bucket', arnAttribute: 'Arn' },
  function: { type: 'AWS::Lambda::Function', arnAttribute: 'Arn' },
  queue: { type: 'AWS::SQS::Queue', arnAttribute: 'Arn' },
  topic: { type: 'AWS::SNS::Topic', arnAttribute: 'TopicArn' },
};

/** Throws TargetNotModelled, whose message begins with `place`: what is sent to an unknown target would be lost. */
export function findTarget(
  template: Template,
  arn: string,
  kinds: readonly TargetKind[],
  place: string,
): Target {
  for (const kind of kinds) {
    const { type, arnAttribute } = types[kind];
    const found = template
      .resources(type)
      .find((resource) =>
        kind === 'function'
          ? resource.name === functionNameOf(arn)
          : resource.attribute(arnAttribute) === arn,
      );
    if (found === undefined) continue;
    const foundArn = found.attribute(arnAttribute);
    // A function may be named as well, or its version or alias.
    return { kind, name: found.name, arn: kind === 'function' ? qualifiedArn(foundArn, arn) : foundArn };
  }
  throw new TargetNotModelled(`${place}: ${arn} is no ${kinds.join(', ')} of the template.`);
}
