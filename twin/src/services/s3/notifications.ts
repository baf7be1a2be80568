// Notifies functions, queues, topics and the event bus of changes to objects, as the template configures it.

import type { Clock } from '../../core/clock.ts';
import type { AsyncInvoker } from '../../core/invocation.ts';
import type { Next } from '../../core/proxy/aws-call.ts';
import { createMessenger, type Messenger } from '../../core/proxy/messenger.ts';
import { createOwnCalls } from '../../core/proxy/own-calls.ts';
import type { Startable } from '../../core/start-in-phases.ts';
import { customResource } from '../../template/notification-provider.ts';
import type { Template } from '../../template/template.ts';
import { type BucketNotifications, type Notification, readNotifications } from './notification-settings.ts';
import type { ChangeListener } from './object-changes.ts';
import { busEventOf, eventName, notificationOf, type ObjectEvent } from './object-events.ts';

export type NotificationsOptions = {
  readonly template: Template;
  readonly invocations: AsyncInvoker;
  /** Puts an event on EventBridge's default bus. */
  readonly putEvent: (event: Readonly<Record<string, unknown>>) => void;
  /** Through the proxy: what goes to queues and topics is counted as `bucket-notifications`. */
  readonly send: Next;
  readonly clock: Pick<Clock, 'now'>;
  readonly report: (problem: string) => void;
};

const happensHere = /^s3:Object(?:Created:(?:\*|Put|Copy|CompleteMultipartUpload)|Removed:(?:\*|Delete))$/;

export class Notifications implements Startable {
  readonly name = 'the notifications of buckets';
  private readonly options: NotificationsOptions;
  private readonly messenger: Messenger;
  private byBucket: ReadonlyMap<string, BucketNotifications> = new Map();
  private lastSequence = 0n;

  constructor(options: NotificationsOptions) {
    this.options = options;
    this.messenger = createMessenger(createOwnCalls(options.send, 'bucket-notifications'));
  }

  async start(): Promise<void> {
    const { template, report } = this.options;
    this.byBucket = readNotifications(template);
    // Who carries a custom resource out, and how, changes nothing of what it says.
    for (const { properties } of template.resources(customResource))
      void [properties.ServiceToken, properties.Managed, properties.SkipDestinationValidation];
    for (const { notifications } of this.byBucket.values())
      for (const { id, events } of notifications)
        for (const event of events)
          if (!happensHere.test(event))
            report(`${id}: ${event} does not happen here: nothing is notified of it.`);
  }

  async end(): Promise<void> {
    this.byBucket = new Map();
  }

  /** Returns when the event is made, not when it has arrived. */
  readonly notifyOf: ChangeListener = async (change, { call, answer, look }) => {
    const configured = this.byBucket.get(change.bucket);
    if (configured === undefined) return;
    const { notifications, putsOnBus } = configured;
    const { status, headers, body } = await look();
    const event: ObjectEvent = {
      ...change,
      caller: call.caller,
      requestId: String(answer.headers['x-amz-request-id']),
      timeMs: this.options.clock.now(),
      sequencer: this.nextSequencer(),
      ...(status === 200 && {
        content: { bytes: body.byteLength, etag: String(headers.etag).replaceAll('"', '') },
      }),
    };
    if (putsOnBus) this.options.putEvent(busEventOf(event));
    for (const notification of notifications)
      if (concerns(notification, event)) void this.notify(notification, event);
  };

  private async notify({ id, target }: Notification, event: ObjectEvent): Promise<void> {
    const notification = notificationOf(event, id);
    if (target.kind === 'function') return this.options.invocations.invoke(target.arn, notification);
    const body = JSON.stringify(notification);
    try {
      if (target.kind === 'queue') await this.messenger.toQueue(target.name, { body });
      else await this.messenger.toTopic(target.arn, { body, subject: 'Amazon S3 Notification' });
    } catch (error) {
      this.options.report(
        `${id}: ${target.arn} is not notified of ${event.key}: ${(error as Error).message}`,
      );
    }
  }

  /** Grows from start to start too: microseconds, and never the same twice. */
  private nextSequencer(): string {
    const now = BigInt(Date.now()) * 1000n;
    this.lastSequence = now > this.lastSequence ? now : this.lastSequence + 1n;
    return this.lastSequence.toString(16).toUpperCase().padStart(18, '0');
  }
}

function concerns({ events, prefix, suffix }: Notification, event: ObjectEvent): boolean {
  const name = eventName(event);
  return (
    events.some(
      (wanted) =>
        happensHere.test(wanted) &&
        (wanted === name || (wanted.endsWith('*') && name.startsWith(wanted.slice(0, -1)))),
    ) &&
    event.key.startsWith(prefix) &&
    event.key.endsWith(suffix)
  );
}
