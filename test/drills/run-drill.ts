// Lets three days of ordinary traffic pass, then the trouble, then what comes after it, minute by minute; and notes which alarms
// told a topic, when they rang and when they ended.

import { createAlarms, type MetricIdentity, readDataQuery } from '@weir/twin/cloudwatch';
import { createTemplate, type StackTemplate } from '@weir/twin/template';
import type { Severity } from '../../domain/service-levels/objectives.ts';
import { synthesize, wholeStage } from '../infra/synthesize.ts';
import type { Drill } from './drills.ts';
import { modelOf } from './measured.ts';
import { Promises } from './promises.ts';
import { type Conditions, ordinary, World } from './world.ts';

const msPerMinute = 60_000;
const minutesOfDay = 1440;
/** As far as the longest window looks back. */
const warmUpMinutes = 3 * minutesOfDay;
/** Before them, the traffic of an hour comes in its first minute: only sums over days look at it. */
const byMinuteMinutes = minutesOfDay;
/** Before the trouble, alarms are evaluated by the minute, so that it finds their states. */
const lookedAtMinutes = 20;

export type Ring = {
  readonly alarm: string;
  readonly severity: Severity;
  /** From the beginning of the trouble. */
  readonly afterMinutes: number;
  /** Undefined if it still rings at the end of the drill. */
  readonly endedAfterMinutes?: number;
};

const makeTemplate = () =>
  createTemplate(
    Object.entries(synthesize(wholeStage)).map(([name, of]) => ({
      name: `weir-dev-${name}`,
      template: of.toJSON() as StackTemplate,
      assetFolders: new Map<string, string>(),
    })),
  );
let read: ReturnType<typeof makeTemplate> | undefined;

/** It takes seconds, and is done once. */
export function readTemplate(): ReturnType<typeof makeTemplate> {
  read ??= makeTemplate();
  return read;
}

/** Each once, though several alarms watch it. */
function watchedMetrics(of: ReturnType<typeof makeTemplate>): readonly MetricIdentity[] {
  const watched = of.resources('AWS::CloudWatch::Alarm').flatMap(({ properties }) => {
    const queries = properties.Metrics as readonly unknown[] | undefined;
    const stat = { Metric: properties, Stat: 'Sum', Period: 60 };
    return (queries ?? [{ Id: 'm1', MetricStat: stat }])
      .map(readDataQuery)
      .flatMap(({ metric }) => metric ?? []);
  });
  return [...new Map(watched.map((each) => [JSON.stringify(identityOf(each)), identityOf(each)])).values()];
}

const identityOf = ({ namespace, name, dimensions }: MetricIdentity): MetricIdentity => ({
  namespace,
  name,
  dimensions: Object.fromEntries(
    Object.entries(dimensions).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  ),
});

export function runDrill({ startsAt, minutes, thenMinutes, during, seed = 1 }: Drill): readonly Ring[] {
  const template = readTemplate();
  const alarms = createAlarms(template);
  const metrics = watchedMetrics(template).map((identity) => ({ identity, model: modelOf(identity) }));
  const world = new World(seed);
  const promises = new Promises();
  const start = Date.parse(startsAt) / msPerMinute;
  const rings: Ring[] = [];

  const pass = (minute: number, conditions: Conditions) => {
    const happened = world.pass(minute, conditions);
    promises.add(happened);
    for (const { identity, model } of metrics) {
      const of = model(happened, promises);
      if (of !== undefined)
        alarms.store.addSet({ ...identity, unit: 'Count', of, timestampMs: minute * msPerMinute });
    }
  };

  const { background, trouble } = during;
  const before = { ...ordinary, ...background };
  for (let minute = start - warmUpMinutes; minute < start - byMinuteMinutes; minute += 60)
    pass(minute, { ...before, traffic: 60 * before.traffic, consumerCapacity: 60 * before.consumerCapacity });
  for (let minute = start - byMinuteMinutes; minute < start + minutes + thenMinutes; minute += 1) {
    const isTrouble = minute >= start && minute < start + minutes;
    pass(minute, isTrouble ? { ...before, ...trouble } : before);
    const ended = minute + 1;
    if (ended < start - lookedAtMinutes && ended % 60 !== 0) continue;
    for (const { alarm, from, to, actions } of alarms.evaluateAt(ended * msPerMinute)) {
      const name = alarm.name.replace('weir-dev-', '');
      const afterMinutes = ended - start;
      if (to === 'ALARM' && actions.length > 0)
        rings.push({ alarm: name, severity: severityOf(alarm.description), afterMinutes });
      const at = rings.findLastIndex((each) => each.alarm === name);
      const ring = rings[at];
      if (from === 'ALARM' && ring !== undefined) rings[at] = { ...ring, endedAfterMinutes: afterMinutes };
    }
  }
  return rings;
}

function severityOf(description: string): Severity {
  return /Severity: page\./.test(description) ? 'page' : 'ticket';
}
