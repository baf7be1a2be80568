// How each service says that a role may not do something.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html

import { type AwsAnswer, type AwsCall, jsonAnswer, type Next } from '../../core/proxy/aws-call.ts';
import { bodyOf, jsonBody } from '../../core/proxy/json-body.ts';
import { answerWith, type ServiceError } from '../../core/proxy/service-errors.ts';
import { sessionArn } from './arns.ts';
import type { FunctionRole } from './function-roles.ts';
import type { Need } from './policy-evaluation.ts';

const denials: Readonly<Record<string, ServiceError>> = {
  s3: { status: 403, code: 'AccessDenied' },
  sns: { status: 403, code: 'AuthorizationError' },
  sqs: { status: 403, code: 'AccessDenied' },
};

export type Denied = Need & { readonly denied: 'explicitly' | 'implicitly' };

export function renderDenial(
  { roleName, functionName }: FunctionRole,
  { action, resource, denied }: Denied,
): string {
  const because =
    denied === 'explicitly'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  return `User: ${sessionArn(roleName, functionName)} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
}

export function answerDenied(call: AwsCall, message: string): AwsAnswer {
  const error = denials[call.service] ?? { status: 400, code: 'AccessDeniedException' };
  return answerWith(call, error, message);
}

/**
 * A batch of statements goes on without those that are denied, which answer each for itself: AccessDenied is among the
 * codes of one statement. No other batch of DynamoDB has a place to say so, and is denied as a whole.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html
 */
export async function answerStatements(
  call: AwsCall,
  next: Next,
  messages: readonly (string | undefined)[],
): Promise<AwsAnswer> {
  const input = jsonBody(call.body) ?? {};
  const statements = Array.isArray(input.Statements) ? input.Statements : [];
  const rest = statements.filter((_, index) => messages[index] === undefined);
  const answer =
    rest.length === 0
      ? jsonAnswer(200, {})
      : await next({ ...call, body: bodyOf({ ...input, Statements: rest }) });
  const output = jsonBody(answer.body);
  if (answer.status !== 200 || output === undefined) return answer;
  const answered = (Array.isArray(output.Responses) ? output.Responses : []).values();
  const Responses = messages.map((message) =>
    message === undefined ? answered.next().value : { Error: { Code: 'AccessDenied', Message: message } },
  );
  // The checksum would be that of another body.
  const { 'x-amz-crc32': _, ...headers } = answer.headers;
  return { ...answer, headers, body: bodyOf({ ...output, Responses }) };
}
