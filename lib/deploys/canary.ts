// The canary of one function: its new version takes a tenth of the calls for five minutes. If it does worse than the
// version beside it, its own alarms go off, and CodeDeploy gives all calls back to the old one.

import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import {
  type LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from 'aws-cdk-lib/aws-codedeploy';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  type AnsweringVerb,
  answeringVerbs,
  failedRequestsMetric,
  failureDimensions,
  metricNamespaceOf,
} from '../../domain/service-levels/metrics.ts';
import { type FunctionVerb, functionNameOf, liveNameOf } from '../../domain/system/stage-names.ts';
import { alarmName } from '../slo/alarm-names.ts';
import { inFilledMinutes } from '../slo/signals/signal.ts';
import type { StageSettings } from '../stage/stage-settings.ts';

/** An outage or a flood of wrong keys fails both versions alike, and is no reason to go back: what counts is the difference. */
const pointsWorse = 5;
/** In a minute of the new version: one slow or failed call of a quiet night rolls nothing back. */
const fewestErrors = 3;
const fewestSlow = 10;

export type CanaryProps = {
  readonly stage: StageSettings;
  readonly verb: FunctionVerb;
  readonly live: Alias;
  /** What takes longer is slow. Without: how long a call takes depends on what it is given. */
  readonly slowMs?: number | undefined;
  readonly application: LambdaApplication;
  readonly role: IRole;
};

export class Canary extends Construct {
  constructor(scope: Construct, id: string, props: CanaryProps) {
    super(scope, id);
    const { stage, verb, live, slowMs, application, role } = props;
    const alarms = [
      this.alarm(props, 'Errors', errorsBeyond(props), `fails ${fewestErrors} calls a minute or more`),
      ...(slowMs === undefined
        ? []
        : [
            this.alarm(
              props,
              'Slow',
              slowBeyond(props, slowMs),
              `takes over ${slowMs} ms for ${fewestSlow} calls a minute or more`,
            ),
          ]),
    ];
    new LambdaDeploymentGroup(this, 'Group', {
      application,
      deploymentGroupName: functionNameOf(stage.name, verb),
      alias: live,
      deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
      alarms,
      role,
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
    // So that they watch the new version before it takes its first call.
    for (const alarm of alarms) live.node.addDependency(alarm);
  }

  private alarm({ stage, verb }: CanaryProps, id: 'Errors' | 'Slow', metric: MathExpression, what: string) {
    return new Alarm(this, id, {
      alarmName: alarmName(stage, `deploy-${verb}-${id.toLowerCase()}`),
      alarmDescription:
        `The new version of ${verb} ${what}, and ${pointsWorse} % of its calls more than both versions together. ` +
        'Notifies nobody: CodeDeploy rolls the deploy back. Severity: ticket. Runbook: docs/operate/deploy.md',
      metric,
      threshold: pointsWorse,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      ...inFilledMinutes(1),
      // No calls say nothing against a version.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

/**
 * Lambda counts calls through an alias under its name, and again under the version that ran.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
 */
function ofLambda(
  { stage, verb, live }: CanaryProps,
  metricName: string,
  of: 'new' | 'both',
  statistic = 'Sum',
) {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    statistic,
    dimensionsMap: {
      FunctionName: functionNameOf(stage.name, verb),
      Resource: liveNameOf(stage.name, verb),
      ...(of === 'new' && { ExecutedVersion: live.version.version }),
    },
  });
}

/** Those that Lambda counts, and answers with a 5xx, which to Lambda are answers like any other. */
function errorsBeyond(props: CanaryProps): MathExpression {
  const answers = answeringVerbs.find((verb) => verb === props.verb);
  const errors = (of: 'new' | 'both') => `FILL(${of}_errors, 0)${answers ? ` + FILL(${of}_failed, 0)` : ''}`;
  return beyond(
    `failed calls of ${props.verb} beyond the usual, %`,
    fewestErrors,
    errors('new'),
    errors('both'),
    {
      new_errors: ofLambda(props, 'Errors', 'new'),
      new_calls: ofLambda(props, 'Invocations', 'new'),
      both_errors: ofLambda(props, 'Errors', 'both'),
      both_calls: ofLambda(props, 'Invocations', 'both'),
      ...(answers && {
        new_failed: failedRequests(props, answers, props.live.version.version),
        both_failed: failedRequests(props, answers),
      }),
    },
  );
}

function slowBeyond(props: CanaryProps, slowMs: number): MathExpression {
  const slow = (of: 'new' | 'both') => `FILL(${of}_calls, 0) * (100 - FILL(${of}_quick, 100)) / 100`;
  const quick = (of: 'new' | 'both') => ofLambda(props, 'Duration', of, `PR(:${slowMs})`);
  return beyond(`slow calls of ${props.verb} beyond the usual, %`, fewestSlow, slow('new'), slow('both'), {
    new_quick: quick('new'),
    new_calls: ofLambda(props, 'Invocations', 'new'),
    both_quick: quick('both'),
    both_calls: ofLambda(props, 'Invocations', 'both'),
  });
}

/** The share of the new version less that of both. It is 0 where the new version is alone, or has too few to tell. */
function beyond(
  label: string,
  fewest: number,
  ofNew: string,
  ofBoth: string,
  usingMetrics: Record<string, Metric>,
): MathExpression {
  const difference = `100 * ((${ofNew}) / new_calls - (${ofBoth}) / both_calls)`;
  return new MathExpression({
    expression: `IF(${ofNew} >= ${fewest}, IF(FILL(new_calls, 0) > 0, ${difference}, 0), 0)`,
    usingMetrics,
    period: Duration.minutes(1),
    label,
  });
}

function failedRequests({ stage }: CanaryProps, endpoint: AnsweringVerb, version?: string): Metric {
  return new Metric({
    namespace: metricNamespaceOf(stage.name),
    metricName: failedRequestsMetric,
    statistic: 'Sum',
    dimensionsMap: { ...failureDimensions(endpoint, version) },
  });
}
