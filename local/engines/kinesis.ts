// The Kinesis engine, in this process: in memory or on LevelDB, whose log is written with every call, so that
// a record that was acknowledged survives a kill.

import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { close, listen } from '../http/listen.ts';
import type { Service } from '../service.ts';
import type { System } from '../template/system.ts';
import { callEngine } from './engine-call.ts';

/** The engine has no on-demand mode: such a stream gets this many shards, fixed. */
export const onDemandShards = 2;

export class KinesisEngine implements Service {
  readonly name = 'the Kinesis engine';
  endpoint = '';
  private readonly folder: string | undefined;
  private server: Server | undefined;

  constructor(folder: string | undefined) {
    this.folder = folder;
  }

  async start(): Promise<void> {
    const { default: kinesalite } = await import('kinesalite');
    if (this.folder !== undefined) mkdirSync(this.folder, { recursive: true });
    this.server = kinesalite({
      ...(this.folder !== undefined && { path: join(this.folder, 'kinesis') }),
      createStreamMs: 0,
      deleteStreamMs: 0,
      updateStreamMs: 0,
      shardLimit: 500,
    });
    this.endpoint = await listen(this.server, 0);
  }

  async end(): Promise<void> {
    if (this.server !== undefined) await close(this.server);
  }
}

export async function createStreams(system: System, endpoint: string): Promise<void> {
  const { StreamNames } = await callEngine<{ StreamNames: readonly string[] }>(
    endpoint,
    'kinesis',
    'ListStreams',
    {},
  );
  const streams = system.resources('AWS::Kinesis::Stream').filter(({ name }) => !StreamNames.includes(name));
  for (const { name, properties } of streams) {
    const shards = Number(properties.ShardCount ?? onDemandShards);
    await callEngine(endpoint, 'kinesis', 'CreateStream', { StreamName: name, ShardCount: shards });
    await untilActive(name, endpoint);
  }
}

async function untilActive(streamName: string, endpoint: string): Promise<void> {
  type Answer = { StreamDescription: { StreamStatus: string } };
  for (;;) {
    const { StreamDescription } = await callEngine<Answer>(endpoint, 'kinesis', 'DescribeStream', {
      StreamName: streamName,
    });
    if (StreamDescription.StreamStatus === 'ACTIVE') return;
    await sleep(5);
  }
}
