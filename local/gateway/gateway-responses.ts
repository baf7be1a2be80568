// What the gateway answers by itself: AWS's own statuses and messages, or what the template makes of them.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html

import type { ApiDefinition, GatewayResponseDefinition } from './api-definition.ts';
import type { AuthorizerContext } from './events.ts';
import { type Exchange, headerOf, requestContext } from './exchange.ts';

const defaults = {
  ACCESS_DENIED: [403, 'AccessDeniedException', 'User is not authorized to access this resource'],
  AUTHORIZER_CONFIGURATION_ERROR: [500, 'AuthorizerConfigurationException', null],
  AUTHORIZER_FAILURE: [500, 'AuthorizerConfigurationException', null],
  INTEGRATION_FAILURE: [502, 'InternalServerErrorException', 'Internal server error'],
  INTEGRATION_TIMEOUT: [504, 'InternalServerErrorException', 'Endpoint request timed out'],
  INVALID_API_KEY: [403, 'ForbiddenException', 'Forbidden'],
  MISSING_AUTHENTICATION_TOKEN: [403, 'MissingAuthenticationTokenException', 'Missing Authentication Token'],
  UNAUTHORIZED: [401, 'UnauthorizedException', 'Unauthorized'],
} as const satisfies Record<string, readonly [status: number, errorType: string, message: string | null]>;

export type GatewayResponseType = keyof typeof defaults;

/** The gateway answers instead of the function. */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';
  readonly type: GatewayResponseType;
  readonly authorizer: AuthorizerContext | undefined;
  constructor(type: GatewayResponseType, authorizer?: AuthorizerContext) {
    super(type);
    this.type = type;
    this.authorizer = authorizer;
  }
}

export type GatewayAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
};

export function renderGatewayResponse(
  { type, authorizer }: GatewayRefusal,
  exchange: Exchange,
  api: ApiDefinition,
): GatewayAnswer {
  const [defaultStatus, errorType, message] = defaults[type];
  const custom =
    api.gatewayResponses.get(type) ??
    api.gatewayResponses.get(defaultStatus < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
  const values = contextValues(exchange, type, message, authorizer);
  const [contentType, template] = chooseTemplate(custom, headerOf(exchange, 'accept'));
  return {
    status: custom?.status ?? defaultStatus,
    headers: {
      'content-type': contentType,
      'x-amzn-errortype': errorType,
      ...headersOf(custom, values, exchange),
    },
    body: Buffer.from(substitute(template, values)),
  };
}

/** The one answer that no template can change. */
export function tooLarge(): GatewayAnswer {
  return {
    status: 413,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'RequestTooLargeException' },
    body: Buffer.from('{"message":"Request Too Long"}'),
  };
}

type Values = Readonly<Record<string, unknown>>;

function contextValues(
  exchange: Exchange,
  responseType: string,
  message: string | null,
  authorizer: AuthorizerContext | undefined,
): Values {
  const error = { message, messageString: JSON.stringify(message), responseType };
  // Where no route was found there is no resource; AWS leaves these empty.
  return { ...requestContext(exchange, { resourceId: '', resourcePath: '' }), error, authorizer };
}

function chooseTemplate(
  custom: GatewayResponseDefinition | undefined,
  accept: string | undefined,
): readonly [contentType: string, template: string] {
  const templates = custom?.templates ?? {};
  const accepted = (accept ?? '').split(',').map((part) => part.split(';')[0]?.trim() ?? '');
  const contentType =
    accepted.find((type) => type in templates) ??
    ('application/json' in templates ? 'application/json' : Object.keys(templates)[0]);
  const template = contentType === undefined ? undefined : templates[contentType];
  return [contentType ?? 'application/json', template ?? '{"message":$context.error.messageString}'];
}

function headersOf(
  custom: GatewayResponseDefinition | undefined,
  values: Values,
  exchange: Exchange,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [parameter, source] of Object.entries(custom?.parameters ?? {})) {
    const name = /^gatewayresponse\.header\.(.+)$/.exec(parameter)?.[1];
    if (name === undefined) continue;
    const value = parameterValue(source, values, exchange);
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  return headers;
}

function parameterValue(source: string, values: Values, exchange: Exchange): string | undefined {
  if (source.startsWith("'")) return source.slice(1, -1);
  if (source.startsWith('context.')) return textOf(lookUp(values, source.slice('context.'.length)));
  const header = /^method\.request\.header\.(.+)$/.exec(source)?.[1];
  return header === undefined ? undefined : headerOf(exchange, header.toLowerCase());
}

/** Plain replacement, without escaping, as the gateway does it; what is not known becomes empty. */
function substitute(template: string, values: Values): string {
  return template.replace(
    /\$context\.(\w+(?:\.\w+)*)/g,
    (_whole, path: string) => textOf(lookUp(values, path)) ?? '',
  );
}

function lookUp(values: Values, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], values);
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}
