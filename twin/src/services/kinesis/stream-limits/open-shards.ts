// The open shards of each stream, listed once and kept until a call may have changed them. A shard that is still there
// afterwards keeps what it has used up.

import { LimitedShard, type LimitedShardState, type ListedShard } from './limited-shard.ts';

/** Rejects where there is no such stream, or no engine. */
export type ListShards = (stream: string) => Promise<readonly ListedShard[]>;

export class OpenShards {
  private readonly list: ListShards;
  private readonly asked = new Map<string, Promise<readonly LimitedShard[]>>();
  private readonly known = new Map<string, readonly LimitedShard[]>();

  constructor(list: ListShards) {
    this.list = list;
  }

  /** None where the engine names none: it refuses the call that asks for them, in its own words. */
  of(stream: string): Promise<readonly LimitedShard[]> {
    const asked = this.asked.get(stream) ?? this.ask(stream);
    this.asked.set(stream, asked);
    return asked;
  }

  forget(stream: string): void {
    this.asked.delete(stream);
  }

  state(): Readonly<Record<string, Readonly<Record<string, LimitedShardState>>>> {
    return Object.fromEntries(
      [...this.known].map(([stream, shards]) => [
        stream,
        Object.fromEntries(shards.map((shard) => [shard.shardId, shard.state()])),
      ]),
    );
  }

  private async ask(stream: string): Promise<readonly LimitedShard[]> {
    const listed = await this.list(stream).catch(() => []);
    const before = this.known.get(stream) ?? [];
    const open = listed
      .filter(({ SequenceNumberRange }) => SequenceNumberRange.EndingSequenceNumber === undefined)
      .map((shard) => before.find((one) => one.is(shard)) ?? new LimitedShard(shard));
    if (open.length > 0) this.known.set(stream, open);
    else {
      this.known.delete(stream);
      this.forget(stream);
    }
    return open;
  }
}
