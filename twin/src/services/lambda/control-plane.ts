// Lambda's API, as much of it as an operator needs: a function is invoked, waited for or not, and an alias is read and
// pointed to other versions.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html

import {
  type AsyncInvoker,
  FunctionFailed,
  type Invoker,
  PayloadTooLarge,
  TooManyRequests,
} from '../../core/invocation.ts';
import { type AwsAnswer, type AwsCall, errorAnswer } from '../../core/proxy/aws-call.ts';
import { functionNameOf, qualifiedArn, qualifierOf, type Template } from '../../template/template.ts';
import { answerAlias, updateAlias } from './alias-calls.ts';
import { latest, NoSuchVersion, type Versions } from './versions.ts';

export type LambdaControlOptions = {
  readonly template: Template;
  readonly functions: Invoker;
  readonly invocations: AsyncInvoker;
  /** Answers calls about configuration; undefined of any other. */
  readonly configuration: (call: Call) => AwsAnswer | undefined;
  readonly versions: Pick<Versions, 'alias' | 'pick' | 'setAlias'>;
};

type Call = Pick<AwsCall, 'method' | 'url' | 'headers' | 'body'>;
type Invocation = { readonly functionArn: string; readonly event: unknown };

/** Of a function by its name or ARN: its invocations, or an alias. */
const paths = /^\/2015-03-31\/functions\/([^/]+)\/(?:(invocations)|aliases\/([^/]+))$/;

export function createLambdaControl(options: LambdaControlOptions) {
  return async (call: Call): Promise<AwsAnswer> => {
    const { method, url } = call;
    const configured = options.configuration(call);
    if (configured !== undefined) return configured;
    const [pathname = '', query] = url.split('?', 2);
    const [given, invocation, alias] = partsOf(pathname);
    const name = given === undefined ? undefined : withQualifier(given, query);
    const found =
      name &&
      options.template.resources('AWS::Lambda::Function').find((each) => each.name === functionNameOf(name));
    if (name !== undefined && alias !== undefined && (method === 'GET' || method === 'PUT')) {
      if (!found) return noSuchFunction(name);
      const of = { functionName: found.name, functionArn: found.attribute('Arn'), alias };
      return method === 'GET'
        ? answerAlias(options.versions, of)
        : updateAlias(options.versions, of, call.body);
    }
    if (method !== 'POST' || name === undefined || invocation === undefined)
      return notModelled(`${method} ${pathname}`);
    return found
      ? invoke(options, call, { name: found.name, arn: qualifiedArn(found.attribute('Arn'), name) })
      : noSuchFunction(name);
  };
}

async function invoke(
  options: LambdaControlOptions,
  { headers, body }: Call,
  { name, arn }: { readonly name: string; readonly arn: string },
): Promise<AwsAnswer> {
  const type = String(headers['x-amz-invocation-type'] ?? 'RequestResponse');
  const start = Object.hasOwn(types, type) ? types[type] : undefined;
  if (start === undefined) return notModelled(`the invocation type ${type}`);
  try {
    options.versions.pick(name, arn);
  } catch (error) {
    if (error instanceof NoSuchVersion) return noSuchFunction(arn);
    throw error;
  }
  const event = eventIn(body);
  return 'problem' in event
    ? errorAnswer(400, 'InvalidRequestContentException', event.problem)
    : start(options, { functionArn: arn, event: event.value });
}

const types: Readonly<
  Record<string, (options: LambdaControlOptions, invocation: Invocation) => Promise<AwsAnswer>>
> = {
  RequestResponse: async ({ functions }, { functionArn, event }) => {
    let version = latest;
    const onVersion = (ran: string) => {
      version = ran;
    };
    try {
      const payload = await functions.invoke(functionArn, event, { onVersion });
      return answer(version, payload);
    } catch (error) {
      return answerOfFailure(error, version);
    }
  },
  Event: async ({ invocations }, { functionArn, event }) => {
    invocations.invoke(functionArn, event);
    return { status: 202, headers: {}, body: Buffer.alloc(0) };
  },
};

/** That the function failed is an answer; that it could not be called is an error. */
function answerOfFailure(error: unknown, version: string): AwsAnswer {
  if (error instanceof FunctionFailed)
    return answer(version, error.payload, { 'x-amz-function-error': 'Unhandled' });
  if (error instanceof TooManyRequests) return errorAnswer(429, 'TooManyRequestsException', 'Rate Exceeded.');
  if (error instanceof PayloadTooLarge)
    return errorAnswer(413, 'RequestTooLargeException', 'Request must be smaller than 6291456 bytes.');
  throw error;
}

function answer(version: string, payload: unknown, headers: Record<string, string> = {}): AwsAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-amz-executed-version': version, ...headers },
    body: Buffer.from(JSON.stringify(payload)),
  };
}

function partsOf(pathname: string): readonly (string | undefined)[] {
  try {
    const [, ...parts] = paths.exec(pathname) ?? [];
    return parts.map((part) => part && decodeURIComponent(part));
  } catch {
    return [];
  }
}

/** The version or alias comes with the name, or as a parameter. */
function withQualifier(name: string, query: string | undefined): string {
  const qualifier = new URLSearchParams(query).get('Qualifier');
  return qualifier === null || qualifierOf(name) !== undefined ? name : `${name}:${qualifier}`;
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
