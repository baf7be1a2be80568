// Lambda's Invoke, as much of it as an operator needs: a function by its name, waited for or not.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html

import {
  type AsyncInvoker,
  FunctionFailed,
  type Invoker,
  PayloadTooLarge,
  TooManyRequests,
} from '../../core/invocation.ts';
import { type AwsAnswer, type AwsCall, errorAnswer } from '../../core/proxy/aws-call.ts';
import { functionNameOf, type Template } from '../../template/template.ts';

export type LambdaControlOptions = {
  readonly template: Template;
  readonly functions: Invoker;
  readonly invocations: AsyncInvoker;
  /** Answers calls about configuration; undefined of any other. */
  readonly configuration: (call: Call) => AwsAnswer | undefined;
};

type Call = Pick<AwsCall, 'method' | 'url' | 'headers' | 'body'>;
type Invocation = { readonly functionArn: string; readonly event: unknown };

const invocationsPath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const latest = '$LATEST';

export function createLambdaControl(options: LambdaControlOptions) {
  return async ({ method, url, headers, body }: Call): Promise<AwsAnswer> => {
    const configured = options.configuration({ method, url, headers, body });
    if (configured !== undefined) return configured;
    const [pathname = '', query] = url.split('?', 2);
    const name = functionIn(pathname);
    if (method !== 'POST' || name === undefined) return notModelled(`${method} ${pathname}`);
    const qualifier = new URLSearchParams(query).get('Qualifier') ?? latest;
    if (qualifier !== latest) return notModelled(`the version or alias ${qualifier}`);
    const type = String(headers['x-amz-invocation-type'] ?? 'RequestResponse');
    const invoke = Object.hasOwn(types, type) ? types[type] : undefined;
    if (invoke === undefined) return notModelled(`the invocation type ${type}`);
    const found = options.template
      .resources('AWS::Lambda::Function')
      .find((each) => each.name === functionNameOf(name));
    if (found === undefined) return noSuchFunction(name);
    const event = eventIn(body);
    return 'problem' in event
      ? errorAnswer(400, 'InvalidRequestContentException', event.problem)
      : invoke(options, { functionArn: found.attribute('Arn'), event: event.value });
  };
}

const types: Readonly<
  Record<string, (options: LambdaControlOptions, invocation: Invocation) => Promise<AwsAnswer>>
> = {
  RequestResponse: async ({ functions }, { functionArn, event }) => {
    try {
      return answer(200, await functions.invoke(functionArn, event));
    } catch (error) {
      return answerOfFailure(error);
    }
  },
  Event: async ({ invocations }, { functionArn, event }) => {
    invocations.invoke(functionArn, event);
    return { status: 202, headers: {}, body: Buffer.alloc(0) };
  },
};

/** That the function failed is an answer; that it could not be called is an error. */
function answerOfFailure(error: unknown): AwsAnswer {
  if (error instanceof FunctionFailed)
    return answer(200, error.payload, { 'x-amz-function-error': 'Unhandled' });
  if (error instanceof TooManyRequests) return errorAnswer(429, 'TooManyRequestsException', 'Rate Exceeded.');
  if (error instanceof PayloadTooLarge)
    return errorAnswer(413, 'RequestTooLargeException', 'Request must be smaller than 6291456 bytes.');
  throw error;
}

function answer(status: number, payload: unknown, headers: Record<string, string> = {}): AwsAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amz-executed-version': latest, ...headers },
    body: Buffer.from(JSON.stringify(payload)),
  };
}

function functionIn(pathname: string): string | undefined {
  try {
    const [, name] = invocationsPath.exec(pathname) ?? [];
    return name && decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

/** Lambda takes no payload for an empty object. */
function eventIn(body: Buffer): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: body.byteLength === 0 ? {} : JSON.parse(body.toString()) };
  } catch (error) {
    return { problem: `Could not parse request body into json: ${(error as Error).message}` };
  }
}

function noSuchFunction(name: string): AwsAnswer {
  return errorAnswer(404, 'ResourceNotFoundException', `Function not found: ${name}`);
}

function notModelled(what: string): AwsAnswer {
  return errorAnswer(501, 'NotModelled', `The local twin has no ${what} of Lambda.`);
}
