// The alarms of a stage in CloudWatch, by their own definition: those that notify have an action, and their description says
// how severe they are (lib/slo/alarm-names.ts).

import {
  type AlarmHistoryItem,
  CloudWatchClient,
  type CompositeAlarm,
  type MetricAlarm,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import type { Transition } from '../../domain/service-levels/incidents.ts';
import type { Severity } from '../../domain/service-levels/objectives.ts';
import type { AlarmReader, TimeRange } from '../../domain/service-levels/port.ts';
import { type Connection, clientOptions, type Timeouts } from '../aws/client-options.ts';
import { callCloudWatch } from './call-cloudwatch.ts';

type Known = Pick<Transition, 'alarm' | 'severity'> & { readonly state: Transition };

/** Without them, CloudWatch answers metric alarms only. */
const AlarmTypes = ['MetricAlarm', 'CompositeAlarm'] as const;

export class CloudWatchAlarmReader implements AlarmReader {
  readonly #client: CloudWatchClient;
  readonly #prefix: string;

  constructor(stage: string, timeouts: Timeouts, connection: Connection = {}) {
    this.#client = new CloudWatchClient({ ...clientOptions(timeouts), ...connection });
    this.#prefix = `weir-${stage}-`;
  }

  async states(): Promise<readonly Transition[]> {
    return [...(await this.#known()).values()].map(({ state }) => state);
  }

  async transitions({ fromMs, toMs }: TimeRange): Promise<readonly Transition[]> {
    const known = await this.#known();
    const items = await callCloudWatch('DescribeAlarmHistory', async () => {
      const pages = paginateDescribeAlarmHistory(
        { client: this.#client },
        {
          AlarmTypes: [...AlarmTypes],
          HistoryItemType: 'StateUpdate',
          StartDate: new Date(fromMs),
          EndDate: new Date(toMs),
          ScanBy: 'TimestampAscending',
        },
      );
      return (await Array.fromAsync(pages)).flatMap(({ AlarmHistoryItems = [] }) => AlarmHistoryItems);
    });
    return items.flatMap((item) => {
      const of = known.get(item.AlarmName ?? '');
      const isOn = isOnAfter(item);
      if (of === undefined || isOn === undefined || item.Timestamp === undefined) return [];
      return [{ alarm: of.alarm, severity: of.severity, atMs: item.Timestamp.getTime(), isOn }];
    });
  }

  async #known(): Promise<ReadonlyMap<string, Known>> {
    const pages = await callCloudWatch('DescribeAlarms', () =>
      Array.fromAsync(
        paginateDescribeAlarms(
          { client: this.#client },
          { AlarmNamePrefix: this.#prefix, AlarmTypes: [...AlarmTypes] },
        ),
      ),
    );
    const alarms = pages.flatMap(({ MetricAlarms = [], CompositeAlarms = [] }) => [
      ...MetricAlarms,
      ...CompositeAlarms,
    ]);
    return new Map(
      alarms.flatMap((alarm) => {
        const known = this.#read(alarm);
        return known ? [[alarm.AlarmName ?? '', known]] : [];
      }),
    );
  }

  #read(alarm: MetricAlarm | CompositeAlarm): Known | undefined {
    const { AlarmName = '', AlarmActions = [], AlarmDescription = '', StateValue } = alarm;
    const [, severity] = /Severity: (page|ticket)\b/.exec(AlarmDescription) ?? [];
    if (AlarmActions.length === 0 || severity === undefined) return undefined;
    const of = { alarm: AlarmName.slice(this.#prefix.length), severity: severity as Severity };
    const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
    return { ...of, state: { ...of, atMs: since?.getTime() ?? 0, isOn: StateValue === 'ALARM' } };
  }
}

/** The data is JSON; its summary, such as `Alarm updated from OK to ALARM`, is for people. */
function isOnAfter({ HistoryData = '' }: AlarmHistoryItem): boolean | undefined {
  try {
    const { newState } = JSON.parse(HistoryData) as { newState?: { stateValue?: string } };
    return newState?.stateValue === undefined ? undefined : newState.stateValue === 'ALARM';
  } catch {
    return undefined;
  }
}
