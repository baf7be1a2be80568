// One event source mapping on a queue: receives, hands batches to the function, and deletes what is done with. What is
// not comes back by itself after the queue's visibility timeout, or goes to its dead-letter queue.

import type { Clock } from '../../../core/clock.ts';
import type { Invoker } from '../../../core/invocation.ts';
import type { MetricSink } from '../../../core/metric-sink.ts';
import type { OwnCalls } from '../../../core/proxy/own-calls.ts';
import { Waker } from '../../../core/waker.ts';
import { type DeliveryFaults, deliver } from '../../../faults/delivery-faults.ts';
import type { MappingControl } from '../mapping-control.ts';
import { createMappingMeter, type MappingMeter } from '../mapping-metrics.ts';
import { countThatFits, type QueueMessage } from './queue-event.ts';
import type { QueueMappingSettings } from './queue-mapping-settings.ts';
import { type Failed, together, tryMessages } from './try-messages.ts';

export type QueueMappingOptions = {
  readonly settings: QueueMappingSettings;
  readonly calls: OwnCalls;
  readonly functions: Invoker;
  readonly faults: DeliveryFaults;
  readonly clock: Pick<Clock, 'now' | 'elapsed' | 'after'>;
  readonly metrics: MetricSink;
  readonly report: (problem: string) => void;
  readonly signal: AbortSignal;
};

export type QueueMappingState = {
  readonly queue: string;
  readonly function: string;
  readonly enabled: boolean;
  /** Batches handed over since the start, and those of them that failed wholly or in part. */
  readonly deliveries: number;
  readonly failures: number;
  /** Batches that are with the function. */
  readonly in_flight: number;
};

/** SQS's own bound on one call. */
const maxMessagesPerCall = 10;
/** A call waits for a first message as long: it cannot be taken back when the end comes. */
const longPollSeconds = 1;
const lookMs = 100;
const afterFailureMs = 1000;

export class QueueMapping {
  private readonly options: QueueMappingOptions;
  private readonly waker: Waker;
  private readonly held: QueueMessage[] = [];
  private readonly meter: MappingMeter;
  private enabled: boolean;
  private inFlight = 0;
  private readonly counts = { deliveries: 0, failures: 0 };
  private queueUrl = '';

  constructor(options: QueueMappingOptions) {
    this.options = options;
    this.waker = new Waker(options.clock, options.signal);
    const { settings } = options;
    this.meter = createMappingMeter(settings, { ...options, functionName: settings.functionName });
    this.enabled = settings.isEnabled;
  }

  get state(): QueueMappingState {
    const { queueName, functionLabel } = this.options.settings;
    const { enabled, inFlight } = this;
    return { queue: queueName, function: functionLabel, enabled, ...this.counts, in_flight: inFlight };
  }

  readonly control = (): MappingControl => {
    const { settings } = this.options;
    return {
      uuid: settings.uuid,
      functionArn: settings.functionArn,
      eventSourceArn: settings.queueArn,
      batchSize: settings.batchSize,
      windowMs: settings.windowMs,
      isEnabled: this.enabled,
      setEnabled: (isEnabled) => {
        this.enabled = isEnabled;
      },
    };
  };

  /** Until the signal. */
  async run(): Promise<void> {
    const { settings, faults, report, signal } = this.options;
    const isStopped = () => !this.enabled || faults.isStopped(settings.functionLabel);
    while (!signal.aborted) {
      if (this.inFlight >= settings.maxConcurrency || isStopped()) {
        await this.waker.wait(lookMs);
        continue;
      }
      try {
        const batch = await this.gather();
        // Stopped meanwhile: what was received waits, too.
        while (batch.length > 0 && isStopped() && !signal.aborted) await this.waker.wait(lookMs);
        if (batch.length > 0 && !signal.aborted) void this.process(batch);
      } catch (error) {
        if (signal.aborted) return;
        report(`${settings.id}: ${settings.queueName} cannot be read: ${(error as Error).message}`);
        await this.waker.wait(afterFailureMs);
      }
    }
  }

  private async gather(): Promise<readonly QueueMessage[]> {
    const { settings, clock, signal } = this.options;
    const { batchSize, windowMs } = settings;
    if (this.held.length === 0) await this.receive(longPollSeconds);
    if (this.held.length === 0) return [];
    const endMs = clock.elapsed() + windowMs;
    while (!signal.aborted && this.held.length < batchSize && clock.elapsed() < endMs) {
      const before = this.held.length;
      await this.receive(0);
      if (this.held.length === before) await this.waker.wait(Math.min(lookMs, endMs - clock.elapsed()));
    }
    // What does not fit into one payload is the beginning of the next batch.
    return this.held.splice(0, countThatFits(this.held, batchSize));
  }

  private async receive(WaitTimeSeconds: number): Promise<void> {
    const { settings, calls } = this.options;
    if (this.queueUrl === '') {
      const input = { QueueName: settings.queueName };
      this.queueUrl = (await calls.json<{ QueueUrl: string }>('sqs', 'GetQueueUrl', input)).QueueUrl;
    }
    const { Messages = [] } = await calls.json<{ Messages?: readonly QueueMessage[] }>(
      'sqs',
      'ReceiveMessage',
      {
        QueueUrl: this.queueUrl,
        MaxNumberOfMessages: Math.min(maxMessagesPerCall, settings.batchSize - this.held.length),
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
        WaitTimeSeconds,
      },
    );
    this.meter.events('PolledEventCount', Messages.length);
    this.held.push(...Messages);
  }

  private async process(batch: readonly QueueMessage[]): Promise<void> {
    const { settings, report, signal } = this.options;
    this.inFlight += 1;
    const { ids, reason } = await this.deliver(batch);
    this.inFlight -= 1;
    this.waker.wakeAll();
    if (ids.size > 0 && !signal.aborted)
      report(
        `${settings.id}: ${ids.size} of ${batch.length} messages come back: ${reason.replaceAll(/\s*\n\s*/g, ' ')}`,
      );
    await this.delete(batch.filter(({ MessageId }) => !ids.has(MessageId)));
  }

  private async deliver(batch: readonly QueueMessage[]): Promise<Failed> {
    const { settings, functions, faults } = this.options;
    const attempt = async () => {
      const failed = await tryMessages(functions, settings, batch);
      this.counts.deliveries += 1;
      this.meter.events('InvokedEventCount', batch.length);
      if (failed.ids.size > 0) {
        this.counts.failures += 1;
        this.meter.events('FailedInvokeEventCount', failed.ids.size);
      }
      return failed;
    };
    return deliver(faults, settings.functionLabel, attempt, together);
  }

  private async delete(done: readonly QueueMessage[]): Promise<void> {
    const { settings, calls, report, signal } = this.options;
    for (let from = 0; from < done.length; from += maxMessagesPerCall) {
      const Entries = done
        .slice(from, from + maxMessagesPerCall)
        .map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
      try {
        await calls.json('sqs', 'DeleteMessageBatch', { QueueUrl: this.queueUrl, Entries });
        this.meter.events('DeletedEventCount', Entries.length);
      } catch (error) {
        if (!signal.aborted)
          report(`${settings.id}: what is done with comes again: ${(error as Error).message}`);
      }
    }
  }
}
