// The twin's stream, with an operator's credentials, and records that no client could send.

import { createHash } from 'node:crypto';
import {
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  type PutRecordsCommandOutput,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { clientOptions, requestTimeouts } from '../../adapters/aws/client-options.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { streamKey, type Tenant } from '../../domain/keys.ts';
import { encodeBody, encodeEnvelope } from '../../domain/record/envelope.ts';
import type { RunningWeir } from '../../local/weir.ts';

export function streamNamesOf({ template }: Pick<RunningWeir, 'template'>): { live: string; late: string } {
  const outputs = template.stackNames.flatMap((name) => template.outputs(name) ?? []);
  const named = (key: string) => outputs.find((output) => output.key === key)?.value ?? '';
  return { live: named('EventStream'), late: named('LateEventStream') };
}

export type StreamAccess = {
  readonly name: string;
  put(tenant: Tenant, ...data: readonly Uint8Array[]): Promise<PutRecordsCommandOutput>;
  /** Splits the open shard of a tenant's records, and returns its id. */
  splitShardOf(tenant: Tenant): Promise<string>;
  end(): void;
};

export function streamOf(twin: RunningWeir): StreamAccess {
  const name = streamNamesOf(twin).live;
  const client = new KinesisClient({
    ...clientOptions(requestTimeouts),
    endpoint: twin.proxyUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' },
  });
  const put: StreamAccess['put'] = (tenant, ...data) =>
    client.send(
      new PutRecordsCommand({
        StreamName: name,
        Records: data.map((Data) => ({ PartitionKey: streamKey(tenant, 0, false), Data })),
      }),
    );
  return {
    name,
    put,
    splitShardOf: async (tenant) => {
      const hash = BigInt(
        `0x${createHash('md5')
          .update(streamKey(tenant, 0, false))
          .digest('hex')}`,
      );
      const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: name }));
      const own = Shards.find(({ HashKeyRange, SequenceNumberRange }) => {
        const { StartingHashKey = 0, EndingHashKey = 0 } = HashKeyRange ?? {};
        const isOpen = SequenceNumberRange?.EndingSequenceNumber === undefined;
        return isOpen && BigInt(StartingHashKey) <= hash && hash <= BigInt(EndingHashKey);
      });
      const { StartingHashKey = 0, EndingHashKey = 0 } = own?.HashKeyRange ?? {};
      await client.send(
        new SplitShardCommand({
          StreamName: name,
          ShardToSplit: own?.ShardId,
          NewStartingHashKey: String((BigInt(StartingHashKey) + BigInt(EndingHashKey)) / 2n),
        }),
      );
      return own?.ShardId ?? '';
    },
    end: () => client.destroy(),
  };
}

/** A poison record: its envelope opens, and then our own code throws because one of its events is null. */
export function poisonFor(tenant: Tenant, batchId: string, nowMs: number): Uint8Array {
  return encodeEnvelope(
    {
      tenant,
      batchId,
      part: 0,
      parts: 1,
      slot: 0,
      late: false,
      kind: 'events',
      layout: 1,
      receivedAtMs: nowMs,
      retentionDays: 30,
      region: 'us-east-1',
      requestId: 'poison',
    },
    encodeBody([null as unknown as AcceptedEvent]),
  );
}
