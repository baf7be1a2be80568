// The operations on alarms: DescribeAlarms, DescribeAlarmHistory and SetAlarmState.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html

import type { JsonRecord } from '../../../core/json-record.ts';
import type { AlarmDefinition } from '../alarms/alarm-definition.ts';
import { type AlarmStatus, type Alarms, AlarmUnknown, type Transition } from '../alarms/alarms.ts';
import type { AlarmState } from '../alarms/missing-data.ts';
import { type Operation, page, Refused, required, textsOf, timeMs } from './operation.ts';

export type AlarmContext = {
  readonly alarms: Pick<Alarms, 'states' | 'history'>;
  readonly set: (name: string, state: AlarmState, reason: string) => void;
};

const usualRecords = 50;
const mostRecords = 100;
const states: readonly string[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

export function alarmOperations({ alarms, set }: AlarmContext): Readonly<Record<string, Operation>> {
  return {
    DescribeAlarms: (input) => {
      const names = textsOf(input.AlarmNames);
      const found = alarms
        .states()
        .filter(
          ({ alarm, state }) =>
            hasType(alarm, input) &&
            (names.length === 0 || names.includes(alarm.name)) &&
            alarm.name.startsWith(String(input.AlarmNamePrefix ?? '')) &&
            (input.StateValue === undefined || state === input.StateValue),
        )
        .toSorted((one, other) => (one.alarm.name < other.alarm.name ? -1 : 1));
      const { items, next } = page(found, input.NextToken, recordsAtOnce(input));
      return {
        MetricAlarms: items.filter(({ alarm }) => alarm.kind === 'metric').map(describe),
        CompositeAlarms: items.filter(({ alarm }) => alarm.kind === 'composite').map(describe),
        ...next,
      };
    },
    DescribeAlarmHistory: (input) => {
      const [fromMs, toMs] = [
        timeMs(input, 'StartDate', 0),
        timeMs(input, 'EndDate', Number.POSITIVE_INFINITY),
      ];
      const isWanted = ({ alarm, atMs }: Transition) =>
        hasType(alarm, input) &&
        (input.AlarmName === undefined || alarm.name === input.AlarmName) &&
        atMs >= fromMs &&
        atMs <= toMs;
      const isOfStates = (input.HistoryItemType ?? 'StateUpdate') === 'StateUpdate';
      const found = isOfStates ? alarms.history().filter(isWanted) : [];
      const ordered = input.ScanBy === 'TimestampAscending' ? found : found.toReversed();
      const { items, next } = page(ordered, input.NextToken, recordsAtOnce(input));
      return { AlarmHistoryItems: items.map(toHistoryItem), ...next };
    },
    SetAlarmState: (input) => {
      const [name, state] = [required(input, 'AlarmName'), required(input, 'StateValue')];
      const reason = required(input, 'StateReason');
      if (!states.includes(state))
        throw new Refused('InvalidParameterValue', `StateValue must be one of ${states.join(', ')}.`);
      try {
        set(name, state as AlarmState, reason);
      } catch (error) {
        if (error instanceof AlarmUnknown) throw new Refused('ResourceNotFound', error.message);
        throw error;
      }
      return {};
    },
  };
}

/** AWS tells of metric alarms alone, unless it is asked for both. */
function hasType(alarm: AlarmDefinition, { AlarmTypes }: JsonRecord): boolean {
  const types = AlarmTypes === undefined ? ['MetricAlarm'] : textsOf(AlarmTypes);
  return types.includes(typeOf(alarm));
}

const typeOf = ({ kind }: AlarmDefinition) => (kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm');

function recordsAtOnce({ MaxRecords = usualRecords }: JsonRecord): number {
  const records = Number(MaxRecords);
  if (Number.isInteger(records) && records >= 1 && records <= mostRecords) return records;
  throw new Refused('InvalidParameterValue', `MaxRecords must be 1 to ${mostRecords}.`);
}

function describe({ alarm, state, reason, sinceMs }: AlarmStatus) {
  const { name, arn, description, actionsEnabled, actions, properties } = alarm;
  const { MetricName, Namespace, Dimensions, Statistic, ExtendedStatistic, Period, Metrics } = properties;
  return {
    AlarmName: name,
    AlarmArn: arn,
    AlarmDescription: description,
    ActionsEnabled: actionsEnabled,
    AlarmActions: actions.ALARM,
    OKActions: actions.OK,
    InsufficientDataActions: actions.INSUFFICIENT_DATA,
    StateValue: state,
    StateReason: reason,
    StateUpdatedTimestamp: sinceMs / 1000,
    StateTransitionedTimestamp: sinceMs / 1000,
    ...(alarm.kind === 'composite'
      ? { AlarmRule: alarm.rule.text }
      : {
          ...{ MetricName, Namespace, Dimensions, Statistic, ExtendedStatistic, Period, Metrics },
          EvaluationPeriods: alarm.evaluationPeriods,
          DatapointsToAlarm: alarm.datapointsToAlarm,
          Threshold: alarm.threshold,
          ComparisonOperator: alarm.comparison,
          TreatMissingData: alarm.missingData,
        }),
  };
}

function toHistoryItem({ alarm, from, to, atMs, reason }: Transition) {
  return {
    AlarmName: alarm.name,
    AlarmType: typeOf(alarm),
    Timestamp: atMs / 1000,
    HistoryItemType: 'StateUpdate',
    HistorySummary: `Alarm updated from ${from} to ${to}`,
    HistoryData: JSON.stringify({
      version: '1.0',
      oldState: { stateValue: from },
      newState: { stateValue: to, stateReason: reason },
    }),
  };
}
