// Which shards of a stream may be read: those whose parents, as far as they still exist, are drained. So records of a
// partition key keep their order over a split or a merge.
// https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html

export type ShardDescription = {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly AdjacentParentShardId?: string;
  readonly SequenceNumberRange: { readonly EndingSequenceNumber?: string | null };
};

export function readable(
  shards: readonly ShardDescription[],
  isDrained: (shardId: string) => boolean,
): readonly ShardDescription[] {
  const existing = new Set(shards.map(({ ShardId }) => ShardId));
  return shards.filter(({ ParentShardId, AdjacentParentShardId }) =>
    [ParentShardId, AdjacentParentShardId].every(
      (parent) => parent == null || !existing.has(parent) || isDrained(parent),
    ),
  );
}

export function isClosed({ SequenceNumberRange }: ShardDescription): boolean {
  return SequenceNumberRange.EndingSequenceNumber != null;
}
