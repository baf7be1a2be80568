// The event bus of a stage. A call takes ten announcements; the mapping to `announce` hands over no more (lib/hops).

import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Announcement } from '../../domain/accounts/announcements.ts';
import type { EventBus, PutOutcome } from '../../domain/accounts/port.ts';
import { type Connection, clientOptions, type Timeouts } from '../aws/client-options.ts';

export class EventBridgeBus implements EventBus {
  readonly #client: EventBridgeClient;
  readonly #name: string;

  constructor(name: string, timeouts: Timeouts, connection: Connection = {}) {
    this.#client = new EventBridgeClient({ ...clientOptions(timeouts), ...connection });
    this.#name = name;
  }

  async put(announcements: readonly Announcement[]): Promise<readonly PutOutcome[]> {
    const { Entries = [] } = await this.#client.send(
      new PutEventsCommand({
        Entries: announcements.map(({ type, atMs, detail }) => ({
          EventBusName: this.#name,
          Source: 'weir',
          DetailType: type,
          Time: new Date(atMs),
          Detail: JSON.stringify(detail),
        })),
      }),
    );
    return announcements.map((_, index) => outcomeOf(Entries[index]));
  }
}

/** They will not be taken at another try. */
const permanentCodes = new Set(['InvalidArgument', 'MalformedDetail', 'NotAuthorizedForSourceException']);

function outcomeOf(
  entry: { readonly EventId?: string; readonly ErrorCode?: string } | undefined,
): PutOutcome {
  if (entry?.ErrorCode === undefined) return entry?.EventId === undefined ? 'failed' : 'put';
  return permanentCodes.has(entry.ErrorCode) ? 'refused' : 'failed';
}
