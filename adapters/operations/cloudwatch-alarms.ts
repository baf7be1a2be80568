// The alarms of a stage in CloudWatch: those whose names begin with that of the stage.

import {
  type AlarmType,
  CloudWatchClient,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import type {
  AlarmChange,
  AlarmState,
  AlarmStatus,
  StageAlarms,
} from '../../domain/service-levels/alarm-states.ts';
import { type Connection, clientOptions, type Timeouts } from '../aws/client-options.ts';

/** Unless both are asked for, CloudWatch tells of metric alarms alone. */
const AlarmTypes: AlarmType[] = ['MetricAlarm', 'CompositeAlarm'];

export class CloudWatchAlarms implements StageAlarms {
  readonly #client: CloudWatchClient;
  readonly #prefix: string;

  constructor(stage: string, timeouts: Timeouts, connection: Connection = {}) {
    this.#prefix = `weir-${stage}-`;
    this.#client = new CloudWatchClient({ ...clientOptions(timeouts), ...connection });
  }

  async states(): Promise<AlarmStatus[]> {
    const states: AlarmStatus[] = [];
    const input = { AlarmNamePrefix: this.#prefix, AlarmTypes, MaxRecords: 100 };
    for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms(
      { client: this.#client },
      input,
    ))
      for (const alarm of [...MetricAlarms, ...CompositeAlarms])
        states.push({
          name: alarm.AlarmName ?? '',
          state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
          sinceMs: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.getTime() ?? 0,
          reason: alarm.StateReason ?? '',
        });
    return states.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  async history(fromMs: number): Promise<AlarmChange[]> {
    const changes: AlarmChange[] = [];
    const pages = paginateDescribeAlarmHistory(
      { client: this.#client },
      {
        AlarmTypes,
        HistoryItemType: 'StateUpdate',
        StartDate: new Date(fromMs),
        ScanBy: 'TimestampAscending',
        MaxRecords: 100,
      },
    );
    for await (const { AlarmHistoryItems = [] } of pages)
      for (const { AlarmName: name = '', Timestamp, HistoryData = '{}' } of AlarmHistoryItems) {
        // The history cannot be asked for by a prefix.
        if (!name.startsWith(this.#prefix)) continue;
        const { oldState, newState } = JSON.parse(HistoryData) as HistoryOfState;
        changes.push({
          name,
          atMs: Timestamp?.getTime() ?? 0,
          from: oldState?.stateValue ?? 'INSUFFICIENT_DATA',
          to: newState?.stateValue ?? 'INSUFFICIENT_DATA',
          reason: newState?.stateReason ?? '',
        });
      }
    return changes;
  }
}

type HistoryOfState = {
  readonly oldState?: { readonly stateValue?: AlarmState };
  readonly newState?: { readonly stateValue?: AlarmState; readonly stateReason?: string };
};
