// An alarm on a cause rather than on a budget. It rings before a promise to a client is broken, or where no request
// would show it. Each signal is one file beside this one and an entry in signals.ts.

import type { AlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import type { IEventSourceMapping, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Severity } from '../../../domain/service-levels/objectives.ts';
import type { StageSettings } from '../../stage/stage-settings.ts';

export type SignalSources = {
  readonly stage: StageSettings;
  readonly consume: IFunction;
  readonly settle: IFunction;
  readonly report: IFunction;
  /** Its metrics have its id as their dimension. */
  readonly mapping: IEventSourceMapping;
};

export type Signal = {
  readonly id: string;
  /** The alarm is `weir-<stage>-<name>`, and its runbook `docs/runbooks/<name>.md`. */
  readonly name: string;
  /** The title of the graph. */
  readonly title: string;
  readonly unit: string;
  readonly severity: Severity;
  /** The first sentence of the alarm's description. */
  readonly what: string;
  /** The alarm rings above the threshold. */
  readonly watch: (
    sources: SignalSources,
  ) => Pick<
    AlarmProps,
    'metric' | 'threshold' | 'evaluationPeriods' | 'datapointsToAlarm' | 'treatMissingData'
  >;
};
