// The REST API of a stage. Its routes, error answers and usage plans each come from a list in the domain.

import { Aws, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  ApiKeySourceType,
  type CfnAuthorizer,
  EndpointType,
  LogGroupLogDestination,
  RequestAuthorizer,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { removalOf } from '../stage/removal.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import { accessLogFormat } from './access-log.ts';
import { Firewall } from './firewall.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import { addRoutes, methodSettings } from './routes.ts';
import { addUsagePlans } from './usage-plans.ts';

export type WeirApiProps = {
  readonly stage: StageSettings;
  readonly authorize: IFunction;
  readonly ingest: IFunction;
  readonly manage: IFunction;
  readonly read: IFunction;
};

export class WeirApi extends Construct {
  readonly apiId: string;
  readonly apiName: string;
  readonly accessLog: ILogGroup;
  readonly stageName = 'api';
  /** Without a slash at the end: append the path of a route. */
  readonly url: string;
  readonly usagePlanIds: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { stage, authorize, ...functions }: WeirApiProps) {
    super(scope, id);
    this.apiName = `weir-${stage.name}`;

    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: stage.logRetentionDays,
      removalPolicy: removalOf(stage),
    });

    this.accessLog = accessLog;

    const api = new RestApi(this, 'Api', {
      restApiName: this.apiName,
      description: `Weir ${stage.name}`,
      endpointTypes: [EndpointType.REGIONAL],
      // The authorizer returns the usage-plan key of the account, whichever of its secrets the caller used.
      apiKeySourceType: ApiKeySourceType.AUTHORIZER,
      // API Gateway decodes bodies of text types as UTF-8, which would damage a gzip body. So every type counts as binary,
      // and functions receive bodies in base64.
      binaryMediaTypes: ['*/*'],
      // Access logs need one role per AWS account and region. It is kept when this stage is destroyed, because the other
      // stages use it.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: this.stageName,
        tracingEnabled: stage.tracing === true,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat,
        // Only the alarms of objectives read them.
        methodOptions: methodSettings(stage.alarms === true),
      },
    });
    // The CDK adds this output under a generated name. The stack has its own output, ApiUrl.
    api.node.tryRemoveChild('Endpoint');

    const authorizer = new RequestAuthorizer(this, 'Authorizer', {
      handler: authorize,
      // A secret comes in one of two headers. A cache keyed by both would make API Gateway require both. And one answer
      // would hold for all routes. The function itself knows principals (docs/design/adr/0037-principals-for-30-seconds.md).
      identitySources: [],
      resultsCacheTtl: Duration.seconds(0),
    });

    // The CDK writes an empty list of sources. API Gateway requires no source only if the property is absent.
    (authorizer.node.defaultChild as CfnAuthorizer).addPropertyDeletionOverride('IdentitySource');

    const methods = addRoutes(api, { authorizer, functions, planKeys: stage.planKeys });
    addGatewayResponses(api);
    if ('requestsPerMinute' in stage.firewall)
      new Firewall(this, 'Firewall', stage, api.deploymentStage, stage.firewall.requestsPerMinute);
    acknowledgeFindings(api, stage);
    this.usagePlanIds = addUsagePlans(api, stage, methods);
    this.apiId = api.restApiId;
    this.url = `https://${api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${this.stageName}`;
  }
}

function acknowledgeFindings(api: RestApi, { firewall }: StageSettings): void {
  Validations.of(api).acknowledge({
    id: 'AwsSolutions::AwsSolutions-APIG2',
    reason:
      'API Gateway could only refuse a whole batch, without naming the wrong field of the wrong event; the functions ' +
      'validate paths, queries and each event, and name the field.',
  });
  Validations.of(api.node.findChild('CloudWatchRole')).acknowledge({
    id: 'AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    reason:
      'API Gateway has one role for all APIs of an account and region, and AWS documents this policy for it; limited ' +
      'to our log group, it would stop the logs of the other APIs.',
  });
  if ('leftOut' in firewall)
    Validations.of(api.deploymentStage).acknowledge({
      id: 'AwsSolutions::AwsSolutions-APIG3',
      reason: `The stage leaves out its firewall: ${firewall.reason}.`,
    });
  Validations.of(api.deploymentStage).acknowledge({
    id: 'AwsSolutions::AwsSolutions-APIG6',
    reason:
      'API Gateway writes several execution log lines for a request, to a log group that never expires; the access ' +
      'log has one line for each request, with its status and its error.',
  });
}
