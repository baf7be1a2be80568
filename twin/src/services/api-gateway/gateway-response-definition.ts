// A gateway response as the template defines it. Whatever of it the twin could not put into an answer fails the start.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html

import type { Resource } from '../../template/template.ts';
import { ApiNotModelled } from './api-not-modelled.ts';
import { isGatewayResponseType } from './gateway-response-types.ts';
import { isHeaderName, isHeaderValue } from './header-syntax.ts';
import { type RequestValue, readRequestValue } from './request-value.ts';

export type GatewayResponseDefinition = {
  readonly status: number | undefined;
  /** By name, in lower case. */
  readonly headers: ReadonlyMap<string, RequestValue>;
  /** By media type. */
  readonly templates: Readonly<Record<string, string>>;
};

type Texts = Readonly<Record<string, string>>;

export function readGatewayResponse({
  logicalId,
  properties,
}: Resource): readonly [type: string, GatewayResponseDefinition] {
  const type = String(properties.ResponseType);
  if (!isGatewayResponseType(type))
    throw new ApiNotModelled(`${logicalId}: there is no gateway response of type ${type}.`);
  const parameters = Object.entries((properties.ResponseParameters ?? {}) as Texts);
  const templates = Object.entries((properties.ResponseTemplates ?? {}) as Texts);
  return [
    type,
    {
      status: properties.StatusCode === undefined ? undefined : readStatus(logicalId, properties.StatusCode),
      headers: new Map(parameters.map((parameter) => readHeader(logicalId, parameter))),
      templates: Object.fromEntries(templates.map((template) => readTemplate(logicalId, template))),
    },
  ];
}

function readStatus(logicalId: string, status: unknown): number {
  if (!/^[2-5]\d\d$/.test(String(status)))
    throw new ApiNotModelled(`${logicalId}: the StatusCode ${status} is not modelled.`);
  return Number(status);
}

function readHeader(
  logicalId: string,
  [parameter, source]: readonly [string, string],
): [string, RequestValue] {
  const name = /^gatewayresponse\.header\.(.+)$/.exec(parameter)?.[1];
  if (name === undefined || !isHeaderName(name))
    throw new ApiNotModelled(`${logicalId}: the parameter ${parameter} is not modelled.`);
  const text = /^'(.*)'$/.exec(source)?.[1];
  if (text !== undefined && isHeaderValue(text)) return [name.toLowerCase(), () => text];
  const value = readRequestValue(source, {
    usedBy: logicalId,
    places: [
      'context',
      'method.request.header',
      'method.request.path',
      'method.request.querystring',
      'stageVariables',
    ],
  });
  return [name.toLowerCase(), value];
}

/** AWS substitutes variables and knows no directives here, so whatever else looks like them is a mistake or not run. */
function readTemplate(
  logicalId: string,
  [mediaType, template]: readonly [string, string],
): readonly [mediaType: string, template: string] {
  const notRun =
    /\$(?!(?:context|stageVariables)\.\w)[!{A-Za-z][\w.]*|#{?(?:set|if|foreach|define|macro|include|parse|evaluate)\b/.exec(
      template,
    )?.[0];
  if (notRun !== undefined)
    throw new ApiNotModelled(`${logicalId}: ${notRun} in a template is not modelled.`);
  return [mediaType, template];
}
