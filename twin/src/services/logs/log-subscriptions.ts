// Subscriptions to log groups: what is written to the file of a group goes to a function, in batches, as CloudWatch Logs
// sends it. The function is invoked as by an event: it is tried again when it fails. Lines that nobody has looked at
// when the twin ends are lost, and so is what waits for a try.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html

import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Clock } from '../../core/clock.ts';
import type { AsyncInvoker } from '../../core/invocation.ts';
import type { LogGroup } from '../../core/log-group.ts';
import { LogTail } from '../../core/log-tail.ts';
import type { Startable } from '../../core/start-in-phases.ts';
import { twinAccount } from '../../template/pseudo-parameters.ts';
import { findTarget } from '../../template/targets.ts';
import type { Resource, Template } from '../../template/template.ts';
import { filterOf, PatternNotModelled } from './filter-pattern.ts';
import { type TimeOfLine, timesIn } from './line-times.ts';

export type LogSubscriptionsOptions = {
  readonly template: Template;
  readonly groups: () => readonly LogGroup[];
  readonly invocations: AsyncInvoker;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly report: (problem: string) => void;
};

type Subscription = {
  readonly name: string;
  readonly group: LogGroup;
  readonly functionArn: string;
  readonly tail: LogTail;
  readonly wants: (line: string) => boolean;
  readonly timeOf: TimeOfLine;
};

type LogEvent = { readonly id: string; readonly timestamp: number; readonly message: string };

/** CloudWatch Logs sends within seconds; readers of a test would rather not wait as long. */
const lookMs = 500;
/** So that an event is far below what Lambda takes, however badly the text compresses. */
const maxBatchBytes = 262_144;
const maxBatchEvents = 10_000;

export class LogSubscriptions implements Startable {
  readonly name = 'the subscriptions to logs';
  private readonly options: LogSubscriptionsOptions;
  private subscriptions: readonly Subscription[] = [];
  /** Ids are of one run each: lines have none in their file. */
  private readonly firstId = BigInt(`0x${randomBytes(16).toString('hex')}`);
  private ids = 0n;
  private stopWaiting: () => void = () => undefined;

  constructor(options: LogSubscriptionsOptions) {
    this.options = options;
  }

  /** Has to come before anything is logged: what the files hold by now is of earlier runs. */
  async start(): Promise<void> {
    this.subscriptions = this.options.template
      .resources('AWS::Logs::SubscriptionFilter')
      .flatMap((resource) => this.read(resource) ?? []);
    if (this.subscriptions.length > 0) this.wait();
  }

  async end(): Promise<void> {
    this.stopWaiting();
    this.subscriptions = [];
  }

  private wait(): void {
    this.stopWaiting = this.options.clock.after(lookMs, () => {
      for (const subscription of this.subscriptions) this.look(subscription);
      this.wait();
    });
  }

  private look(subscription: Subscription): void {
    const { name, group, functionArn, tail, wants, timeOf } = subscription;
    const events: LogEvent[] = [];
    const nowMs = this.options.clock.now();
    try {
      tail.look((message) => {
        if (wants(message)) events.push({ id: this.newId(), timestamp: timeOf(message) ?? nowMs, message });
      });
    } catch (error) {
      this.options.report(`${name}: ${group.file} cannot be read: ${(error as Error).message}`);
    }
    for (const logEvents of batchesOf(events))
      this.options.invocations.invoke(functionArn, subscriptionEvent(group.name, name, logEvents));
  }

  private newId(): string {
    this.ids += 1n;
    return String(this.firstId + this.ids).padStart(56, '0');
  }

  private read(resource: Resource): Subscription | undefined {
    const { logicalId, name } = resource;
    const { template, report, groups } = this.options;
    const { LogGroupName, DestinationArn, FilterPattern = '' } = resource.properties;
    const arn = String(DestinationArn);
    if (!arn.startsWith('arn:aws:lambda:')) {
      report(`${logicalId}: logs go to functions only here: ${arn} receives nothing.`);
      return undefined;
    }
    findTarget(template, arn, ['function'], logicalId);
    const group = groups().find((each) => each.name === LogGroupName);
    if (group === undefined) {
      report(`${logicalId}: no API and no function logs to ${LogGroupName}: ${arn} receives nothing.`);
      return undefined;
    }
    try {
      const wants = filterOf(String(FilterPattern));
      const tail = new LogTail(group.file);
      return { name, group, functionArn: arn, tail, wants, timeOf: timesIn(group) };
    } catch (error) {
      if (!(error instanceof PatternNotModelled)) throw error;
      report(`${logicalId}: its filter lets nothing through: ${error.message}`);
      return undefined;
    }
  }
}

function batchesOf(events: readonly LogEvent[]): readonly (readonly LogEvent[])[] {
  const batches: LogEvent[][] = [];
  let bytes = 0;
  for (const event of events) {
    const eventBytes = Buffer.byteLength(event.message);
    const batch = batches.at(-1);
    if (batch === undefined || bytes + eventBytes > maxBatchBytes || batch.length === maxBatchEvents) {
      batches.push([event]);
      bytes = eventBytes;
    } else {
      batch.push(event);
      bytes += eventBytes;
    }
  }
  return batches;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html */
function subscriptionEvent(logGroup: string, filterName: string, logEvents: readonly LogEvent[]) {
  const message = {
    messageType: 'DATA_MESSAGE',
    owner: twinAccount.accountId,
    logGroup,
    logStream: logGroup,
    subscriptionFilters: [filterName],
    logEvents,
  };
  return { awslogs: { data: gzipSync(JSON.stringify(message)).toString('base64') } };
}
