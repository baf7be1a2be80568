// API Gateway: each REST API of the template on a port of its own, its keys, and as much of the control plane as an
// operator needs.

import { join } from 'node:path';
import { assertPortIsFree } from '../../core/http/listen.ts';
import type { Invoker } from '../../core/invocation.ts';
import type { LogGroup } from '../../core/log-group.ts';
import { once, type Service, type ServiceContext, whileStarting } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import type { Firewall } from './answer-request.ts';
import { readApiDefinitions } from './api-definition.ts';
import { ApiKeys } from './api-keys.ts';
import { createApiGatewayControl } from './control-plane.ts';
import { Gateway, type GatewayOptions } from './gateway.ts';
import { QuotaUsage } from './limits/quota-usage.ts';
import { deployTemplateKeys } from './template-keys.ts';

export type ApiGatewayContext = Pick<
  ServiceContext,
  'clock' | 'dataFolder' | 'marks' | 'logFolder' | 'report' | 'metrics'
> & {
  readonly functions: Invoker;
  readonly firewallOf: (apiId: string, stageName: string) => Firewall | undefined;
  /** The port of the first API, with the pages; others take any free one. */
  readonly port: number;
  readonly page: GatewayOptions['page'];
};

export type ApiGateway = Service & {
  /** Where the first API is, or the pages alone. */
  url(): string;
  /** By the logical id of the API. */
  urls(): Readonly<Record<string, string>>;
  /** Of the APIs whose stage has one. */
  readonly accessLogs: readonly LogGroup[];
};

export function createApiGateway(template: Template, context: ApiGatewayContext): ApiGateway {
  const { clock, dataFolder, marks, logFolder, report, metrics, firewallOf, port, page } = context;
  const inData = (name: string) => dataFolder && join(dataFolder, name);
  const apiKeys = new ApiKeys(inData('api-gateway.json'), marks);
  const quotaUsage = new QuotaUsage(inData('quota-usage.json'), report, marks);
  const tools = { functions: context.functions, apiKeys, now: clock.now, report, quotaUsage, metrics };
  const apis = whileStarting('the gateway', () =>
    readApiDefinitions(template).map((api) => ({ api, firewall: firewallOf(api.apiId, api.stageName) })),
  );
  const accessLogOf = (index: number, logicalId: string | undefined) =>
    join(logFolder, index === 0 ? 'access.log' : `access-${logicalId}.log`);
  const pagesAlone = { api: undefined, firewall: undefined };
  const [first, ...others] = [...apis, ...(apis.length === 0 ? [pagesAlone] : [])].map(
    ({ api, firewall }, index) =>
      new Gateway({
        ...tools,
        api,
        firewall,
        port: index === 0 ? port : 0,
        page: index === 0 ? page : () => undefined,
        accessLogFile: accessLogOf(index, api?.logicalId),
      }),
  );
  const gateways = [...(first === undefined ? [] : [first]), ...others];
  const planIds = template.resources('AWS::ApiGateway::UsagePlan').map(({ reference }) => reference);
  const deployKeys = async () => {
    await apiKeys.load();
    await deployTemplateKeys(template, apiKeys);
  };
  return {
    name: 'apigateway',
    destination: { answer: createApiGatewayControl(apiKeys, planIds) },
    phases: {
      claim: [once('the port', () => assertPortIsFree(port))],
      resources: [once('the API keys', deployKeys), quotaUsage],
      api: gateways,
    },
    accessLogs: apis.flatMap(
      ({ api: { accessLogGroup: name, accessLogFormat: format, logicalId } }, index) =>
        name === undefined || format === undefined
          ? []
          : [{ name, format, file: accessLogOf(index, logicalId) }],
    ),
    url: () => first?.url ?? '',
    urls: () => Object.fromEntries(apis.map(({ api }, index) => [api.logicalId, gateways[index]?.url ?? ''])),
  };
}
