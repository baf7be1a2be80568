// GetAlias and UpdateAlias: which versions of a function an alias points to, and how many calls each of them takes.
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html

import { type AwsAnswer, errorAnswer } from '../../core/proxy/aws-call.ts';
import { InvalidAlias, type Versions } from './versions.ts';

type AliasOf = { readonly functionName: string; readonly functionArn: string; readonly alias: string };

type Change = {
  readonly FunctionVersion?: string;
  readonly RoutingConfig?: { readonly AdditionalVersionWeights?: Readonly<Record<string, number>> };
};

export function answerAlias(versions: Pick<Versions, 'alias'>, of: AliasOf): AwsAnswer {
  const { functionName, functionArn, alias } = of;
  const found = versions.alias(functionName, alias);
  if (found === undefined)
    return errorAnswer(404, 'ResourceNotFoundException', `Cannot find alias arn: ${functionArn}:${alias}`);
  const { version, additional } = found;
  const answer = {
    AliasArn: `${functionArn}:${alias}`,
    Name: alias,
    FunctionVersion: version,
    ...(Object.keys(additional).length > 0 && { RoutingConfig: { AdditionalVersionWeights: additional } }),
  };
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(answer)),
  };
}

/** What a change does not name stays. */
export function updateAlias(
  versions: Pick<Versions, 'alias' | 'setAlias'>,
  of: AliasOf,
  body: Buffer,
): AwsAnswer {
  const found = versions.alias(of.functionName, of.alias);
  if (found === undefined) return answerAlias(versions, of);
  try {
    const { FunctionVersion, RoutingConfig } = JSON.parse(body.toString()) as Change;
    versions.setAlias(of.functionName, of.alias, {
      version: FunctionVersion ?? found.version,
      additional:
        RoutingConfig === undefined ? found.additional : (RoutingConfig.AdditionalVersionWeights ?? {}),
    });
    return answerAlias(versions, of);
  } catch (error) {
    if (error instanceof InvalidAlias || error instanceof SyntaxError)
      return errorAnswer(400, 'InvalidParameterValueException', error.message);
    throw error;
  }
}
