// A MOCK integration that the gateway answers by itself with a fixed status and fixed headers, as the CDK makes them
// for CORS preflight. One that computes something of the request ends the start.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html

import type { HttpAnswer } from '../../core/http/http-answer.ts';
import type { Resource } from '../../template/template.ts';
import { ApiNotModelled } from './api-not-modelled.ts';
import { isHeaderName, isHeaderValue } from './header-syntax.ts';

type IntegrationResponse = {
  readonly StatusCode?: unknown;
  readonly SelectionPattern?: unknown;
  readonly ResponseParameters?: Readonly<Record<string, unknown>>;
  readonly ResponseTemplates?: Readonly<Record<string, string>>;
};
type MockIntegration = {
  readonly RequestTemplates?: Readonly<Record<string, string>>;
  readonly IntegrationResponses?: readonly IntegrationResponse[];
  readonly ContentHandling?: unknown;
};

/** `takesBinary`: also where the API takes all bodies for binary. */
export type MockDefinition = { readonly answer: HttpAnswer; readonly takesBinary: boolean };

type MethodResponse = {
  readonly StatusCode?: unknown;
  readonly ResponseParameters?: Readonly<Record<string, unknown>>;
};

/** JSON as AWS reads it here, where names need no quotes. */
const fixedStatus = /^\s*\{\s*["']?statusCode["']?\s*:\s*\d+\s*\}\s*$/;

/** Throws ApiNotModelled. */
export function readMock({ logicalId, properties }: Resource): MockDefinition {
  const refusal = (what: string) =>
    new ApiNotModelled(`${logicalId}: a MOCK integration with ${what} is not modelled.`);
  const {
    RequestTemplates = {},
    IntegrationResponses = [],
    ContentHandling,
  } = properties.Integration as MockIntegration;
  const [response, another] = IntegrationResponses;
  if (response === undefined || another !== undefined || response.SelectionPattern !== undefined)
    throw refusal('none or several answers to choose from');
  if (!Object.values(RequestTemplates).every((text) => fixedStatus.test(text)))
    throw refusal('a request template other than { statusCode: 200 }');
  if (!Object.values(response.ResponseTemplates ?? {}).every((text) => text.trim() === ''))
    throw refusal('a response template, which the CDK makes for several CORS origins,');
  const status = String(response.StatusCode);
  if (!/^[2-5]\d\d$/.test(status)) throw refusal(`the StatusCode ${status}`);
  const answers = (properties.MethodResponses ?? []) as readonly MethodResponse[];
  const declared = answers.find(({ StatusCode }) => String(StatusCode) === status)?.ResponseParameters ?? {};
  const headers = Object.entries(response.ResponseParameters ?? {}).map(([parameter, source]) => {
    const name = /^method\.response\.header\.(.+)$/.exec(parameter)?.[1] ?? '';
    const value = /^'(.*)'$/.exec(String(source))?.[1];
    if (!isHeaderName(name) || value === undefined || !isHeaderValue(value))
      throw refusal(`the response parameter ${parameter} from ${source}`);
    // AWS refuses to deploy it.
    if (declared[parameter] === undefined) throw refusal(`${parameter} that no method response declares`);
    return [name.toLowerCase(), value] as const;
  });
  return {
    takesBinary: ContentHandling === 'CONVERT_TO_TEXT',
    answer: {
      status: Number(status),
      headers: { 'content-type': 'application/json', ...Object.fromEntries(headers) },
      body: Buffer.alloc(0),
    },
  };
}
