// A Lambda authorizer of type REQUEST as the template defines it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-authorizer.html

import type { Resource } from '../../template/template.ts';
import { ApiNotModelled } from './api-not-modelled.ts';
import { functionIn } from './invocation-address.ts';
import { type RequestValue, readRequestValue } from './request-value.ts';

export type AuthorizerDefinition = {
  readonly functionArn: string;
  /** Who lacks one of these is refused before the function is asked. */
  readonly identitySources: readonly RequestValue[];
};

export function readAuthorizer({ logicalId, properties }: Resource): AuthorizerDefinition {
  if (properties.Type !== 'REQUEST')
    throw new ApiNotModelled(
      `${logicalId}: authorizers of type ${String(properties.Type)} are not modelled.`,
    );
  if (Number(properties.AuthorizerResultTtlInSeconds ?? 300) !== 0)
    throw new ApiNotModelled(
      `${logicalId}: the cache of authorizer results is not modelled; set its TTL to 0.`,
    );
  return {
    functionArn: functionIn(String(properties.AuthorizerUri), logicalId),
    identitySources: String(properties.IdentitySource ?? '')
      .split(',')
      .map((source) => source.trim())
      .filter(Boolean)
      .map((source) =>
        readRequestValue(source, {
          usedBy: `${logicalId}: IdentitySource`,
          places: ['context', 'method.request.header', 'method.request.querystring', 'stageVariables'],
        }),
      ),
  };
}
