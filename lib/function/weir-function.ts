// One function of Weir. Every setting with a cost or a consequence is explicit, its role has only what its hop needs, and
// its logs expire after the stage's retention. It is called by its alias, which a deploy moves to a new version.

import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { metricNamespaceOf } from '../../domain/service-levels/metrics.ts';
import { type FunctionVerb, functionNameOf, liveAlias } from '../../domain/system/stage-names.ts';
import type { EnvironmentName } from '../../lambdas/runtime/environment.ts';
import { removalOf } from '../stage/removal.ts';
import type { Reservation, StageSettings } from '../stage/stage-settings.ts';
import { FunctionRole } from './function-role.ts';

/** An argument, so that tests of the templates need no bundler. */
export type FunctionCode = (verb: FunctionVerb) => lambda.Code;

/** What V8 may take before it collects. By default most of the memory of the function, which buys processor time too. */
export type Heap = { readonly oldMebibytes: number; readonly semiSpaceMebibytes: number };

export type WeirFunctionProps = {
  readonly stage: StageSettings;
  readonly code: FunctionCode;
  readonly verb: FunctionVerb;
  readonly description: string;
  readonly memoryMebibytes: number;
  readonly timeoutSeconds: number;
  readonly heap?: Heap;
  readonly environment: Readonly<Partial<Record<EnvironmentName, string>>>;
  readonly statements: readonly PolicyStatement[];
  /** For a function that is invoked asynchronously. By default Lambda keeps an event for six hours. */
  readonly asynchronous?: {
    readonly retryAttempts: 0 | 1 | 2;
    readonly maxEventAgeMinutes: number;
    /** Why events without retries left are dropped. */
    readonly deadLetters: { readonly leftOut: true; readonly reason: string };
  };
};

export class WeirFunction extends Construct {
  /** For its metrics. Whatever calls it calls `live`. */
  readonly function: lambda.Function;
  readonly live: lambda.Alias;

  constructor(scope: Construct, id: string, props: WeirFunctionProps) {
    super(scope, id);
    const { stage, verb } = props;

    // CloudFormation names the log group: a retained group with a fixed name would block the next deploy.
    const logGroup = new LogGroup(this, 'Logs', {
      retention: stage.logRetentionDays,
      removalPolicy: removalOf(stage),
    });

    const { role } = new FunctionRole(this, 'Role', {
      description: `What ${verb} of Weir ${stage.name} may do`,
      statements: props.statements,
      logGroupArn: logGroup.logGroupArn,
      tracing: stage.tracing === true,
    });

    this.function = new lambda.Function(this, 'Function', {
      functionName: functionNameOf(stage.name, verb),
      description: props.description,
      code: props.code(verb),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: props.memoryMebibytes,
      timeout: Duration.seconds(props.timeoutSeconds),
      reservedConcurrentExecutions: reservedInstances(stage.reservedConcurrency[verb]),
      role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
      // Lambda's start and report lines would cost more than our own, and CloudWatch has durations as metrics.
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
      tracing: stage.tracing === true ? lambda.Tracing.ACTIVE : lambda.Tracing.DISABLED,
      environment: {
        ...props.environment,
        NODE_OPTIONS: nodeOptions(props.heap).join(' '),
        POWERTOOLS_SERVICE_NAME: verb,
        POWERTOOLS_METRICS_NAMESPACE: metricNamespaceOf(stage.name),
        POWERTOOLS_LOG_LEVEL: 'INFO',
      },
      // A version that is no longer live stays, for invocations under way. One of a deploy that failed goes.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
    });

    this.live = new lambda.Alias(this, 'Live', {
      aliasName: liveAlias,
      description: `The version of ${verb} that is called`,
      version: this.function.currentVersion,
      ...(props.asynchronous && {
        retryAttempts: props.asynchronous.retryAttempts,
        maxEventAge: Duration.minutes(props.asynchronous.maxEventAgeMinutes),
      }),
    });
  }
}

/** As a process of its own takes them, too. */
export const heapOptions = ({ oldMebibytes, semiSpaceMebibytes }: Heap): string[] => [
  `--max-old-space-size=${oldMebibytes}`,
  `--max-semi-space-size=${semiSpaceMebibytes}`,
];

const nodeOptions = (heap: Heap | undefined): string[] => [
  '--enable-source-maps',
  ...(heap ? heapOptions(heap) : []),
];

function reservedInstances(reservation: Reservation): number | undefined {
  return typeof reservation === 'number' ? reservation : undefined;
}
