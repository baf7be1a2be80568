// An alarm on a cause rather than on a budget. It rings before a promise to a client is broken, or where no request
// would show it. Each signal is one file beside this one and an entry in signals.ts.

import { Duration } from 'aws-cdk-lib';
import { type AlarmProps, type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { IEventSourceMapping, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Severity } from '../../../domain/service-levels/objectives.ts';
import type { StageSettings } from '../../stage/stage-settings.ts';

export type SignalSources = {
  readonly stage: StageSettings;
  readonly consumers: Consumers;
  readonly settle: IFunction;
  readonly report: IFunction;
};

/** `priority` and `late`: of the streams that a stage may leave out. What they are for is then on the other one. */
export type Consumers = { readonly live: Consumer; readonly priority?: Consumer; readonly late?: Consumer };

/** The metrics of a mapping have its id as their dimension. */
export type Consumer = { readonly function: IFunction; readonly mapping: IEventSourceMapping };

export const allOf = ({ live, priority, late }: Consumers): readonly Consumer[] =>
  [live, priority, late].filter((each) => each !== undefined);

export type Signal = {
  readonly id: string;
  /** The alarm is `weir-<stage>-<name>`, and its runbook `docs/runbooks/<name>.md`. */
  readonly name: string;
  /** Of a runbook that it shares with others. */
  readonly runbook?: string;
  /** The title of the graph. */
  readonly title: string;
  readonly unit: string;
  readonly severity: Severity;
  /** The first sentence of the alarm's description. */
  readonly what: string;
  /** The alarm rings above the threshold. Undefined if the stage has nothing to watch. */
  readonly watch: (
    sources: SignalSources,
  ) =>
    | Pick<
        AlarmProps,
        'metric' | 'threshold' | 'evaluationPeriods' | 'datapointsToAlarm' | 'treatMissingData'
      >
    | undefined;
};

/** In five minutes. What has no data counts as 0. */
export const sumOf = (label: string, usingMetrics: Readonly<Record<string, IMetric>>): MathExpression =>
  new MathExpression({
    expression: Object.keys(usingMetrics)
      .map((id) => `FILL(${id}, 0)`)
      .join(' + '),
    usingMetrics,
    period: Duration.minutes(5),
    label,
  });
