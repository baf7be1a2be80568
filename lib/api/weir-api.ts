// The REST API: the one door of a stage. Routes, errors and rate walls each come from a table of the domain.

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
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { removalOf } from '../stage/removal.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import { accessLogFormat } from './access-log.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import { addRoutes, methodSettings } from './routes.ts';
import { addUsagePlans } from './usage-plans.ts';

export type WeirApiProps = {
  readonly stage: StageSettings;
  readonly authorize: IFunction;
  readonly ingest: IFunction;
  readonly read: IFunction;
};

export class WeirApi extends Construct {
  readonly apiId: string;
  readonly apiName: string;
  readonly stageName = 'api';
  /** Without a slash at the end: paths of routes are put right behind it. */
  readonly url: string;
  readonly usagePlanIds: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { stage, authorize, ingest, read }: WeirApiProps) {
    super(scope, id);
    this.apiName = `weir-${stage.name}`;

    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: stage.logRetentionDays,
      removalPolicy: removalOf(stage),
    });

    const api = new RestApi(this, 'Api', {
      restApiName: this.apiName,
      description: `Weir ${stage.name}`,
      endpointTypes: [EndpointType.REGIONAL],
      // The authorizer answers with the usage-plan key of the account, whichever of its secrets was shown.
      apiKeySourceType: ApiKeySourceType.AUTHORIZER,
      // The gateway tells binary from text by Content-Type alone, and text is decoded as UTF-8: bytes that it did not
      // decompress itself arrive intact only where everything counts as binary. Functions receive bodies in base64.
      binaryMediaTypes: ['*/*'],
      // Access logs need a role that is set once for account and region. It stays when a stage goes, because the
      // other stages use it.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: this.stageName,
        tracingEnabled: stage.tracing === true,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat,
        methodOptions: { ...methodSettings },
      },
    });
    // Made by the CDK; the stack gives the address an output that does not change its name.
    api.node.tryRemoveChild('Endpoint');

    const authorizer = new RequestAuthorizer(this, 'Authorizer', {
      handler: authorize,
      // A key may come in either of two headers. With a cache the gateway would want every header that it keys by,
      // and refuse a caller who sends one of them; and a cached answer would outlive a key that is revoked.
      identitySources: [],
      resultsCacheTtl: Duration.seconds(0),
    });

    // The CDK would send an empty list of sources; the gateway wants none only where the property is absent.
    (authorizer.node.defaultChild as CfnAuthorizer).addPropertyDeletionOverride('IdentitySource');

    const methods = addRoutes(api, { authorizer, functions: { ingest, read }, planKeys: stage.planKeys });
    addGatewayResponses(api);
    acknowledgeFindings(api);
    this.usagePlanIds = addUsagePlans(api, stage, methods);
    this.apiId = api.restApiId;
    this.url = `https://${api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${this.stageName}`;
  }
}

function acknowledgeFindings(api: RestApi): void {
  Validations.of(api).acknowledge({
    id: 'AwsSolutions::AwsSolutions-APIG2',
    reason:
      'The gateway could only refuse a batch as a whole, and not say which field of which event is wrong; the ' +
      'functions validate paths, queries and each event, and answer by field.',
  });
  Validations.of(api.node.findChild('CloudWatchRole')).acknowledge({
    id: 'AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    reason:
      'The role is the one that API Gateway has for all APIs of an account and region, and this policy is the one ' +
      'that it documents for it; held to our log group, it would silence the logs of the others.',
  });
  Validations.of(api.deploymentStage).acknowledge(
    {
      id: 'AwsSolutions::AwsSolutions-APIG3',
      reason:
        'A web ACL with rates per address is not built yet; until then a flood of bad secrets is bounded by the ' +
        'concurrency that Lambda gives the authorizer.',
    },
    {
      id: 'AwsSolutions::AwsSolutions-APIG6',
      reason:
        'Execution logs go to a group that the gateway makes for itself and keeps forever, several lines a request; ' +
        'the access log has one line for each, with its status and what the gateway has to say of an error.',
    },
  );
}
