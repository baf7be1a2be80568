// What the gateway answers by itself: AWS's own statuses and messages, or what the template makes of them.

import type { HttpAnswer } from '../../core/http/http-answer.ts';
import type { ApiDefinition } from './api-definition.ts';
import { substitute } from './context.ts';
import { headerOf } from './exchange.ts';
import type { GatewayResponseDefinition } from './gateway-response-definition.ts';
import { type GatewayResponseType, gatewayResponseTypes } from './gateway-response-types.ts';
import { isHeaderValue } from './header-syntax.ts';
import type { Journal } from './journal.ts';

/** The gateway answers instead of the function. */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';
  readonly type: GatewayResponseType;
  /** AWS's own, where the type does not say it alone. */
  readonly status: number | undefined;
  constructor(type: GatewayResponseType, { status }: { readonly status?: number } = {}) {
    super(type);
    this.type = type;
    this.status = status;
  }
}

/** Notes in the journal what is wrong, which is `$context.error`. */
export function noteRefusal(journal: Journal, type: GatewayResponseType): void {
  const [, , message] = gatewayResponseTypes[type];
  journal.note('error', { message, messageString: JSON.stringify(message), responseType: type });
}

export function renderGatewayResponse(
  { type, status }: GatewayRefusal,
  journal: Journal,
  api: ApiDefinition,
): HttpAnswer {
  const [statusOfType, errorType] = gatewayResponseTypes[type];
  const defaultStatus = status ?? statusOfType;
  const custom = customResponse(type, defaultStatus, api);
  noteRefusal(journal, type);
  const { context, stageVariables } = journal;
  const [contentType, template] = chooseTemplate(custom, headerOf(journal.exchange, 'accept'));
  return {
    status: custom?.status ?? defaultStatus,
    headers: {
      'content-type': contentType,
      'x-amzn-errortype': errorType,
      ...headersOf(custom, journal),
    },
    body: Buffer.from(substitute(template, { context, stageVariables }, '')),
  };
}

function customResponse(
  type: GatewayResponseType,
  defaultStatus: number,
  { gatewayResponses }: ApiDefinition,
): GatewayResponseDefinition | undefined {
  // "Customizing the default gateway response for 413 REQUEST_TOO_LARGE isn't currently supported."
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
  if (type === 'REQUEST_TOO_LARGE') return undefined;
  return (
    gatewayResponses.get(type) ?? gatewayResponses.get(defaultStatus < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX')
  );
}

function chooseTemplate(
  custom: GatewayResponseDefinition | undefined,
  accept: string | undefined,
): readonly [contentType: string, template: string] {
  const templates = custom?.templates ?? {};
  const accepted = (accept ?? '').split(',').map((part) => part.split(';')[0]?.trim() ?? '');
  const contentType =
    accepted.find((type) => Object.hasOwn(templates, type)) ??
    (Object.hasOwn(templates, 'application/json') ? 'application/json' : Object.keys(templates)[0]);
  const template = contentType === undefined ? undefined : templates[contentType];
  return [contentType ?? 'application/json', template ?? '{"message":$context.error.messageString}'];
}

/** A value that no HTTP header can hold is left out: it may come from the authorizer or the client. */
function headersOf(
  custom: GatewayResponseDefinition | undefined,
  journal: Journal,
): Readonly<Record<string, string>> {
  const given = [...(custom?.headers ?? [])].flatMap(([name, valueIn]) => {
    const value = valueIn(journal);
    return value === undefined || !isHeaderValue(value) ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}
