// The write limits of shards and of a single call, as a step of the proxy: the engine itself has none. Reads are not
// limited.

import type { Clock } from '../../../core/clock.ts';
import { callEngine, type Engine } from '../../../core/engine-call.ts';
import {
  type AwsAnswer,
  type AwsCall,
  errorAnswer,
  jsonAnswer,
  type Next,
  type Step,
} from '../../../core/proxy/aws-call.ts';
import { bodyOf, jsonBody } from '../../../core/proxy/json-body.ts';
import { type Admission, admit, giveBack, inOrder, renderRefusal, tooMuch, wentElsewhere } from './admit.ts';
import { fitsEngine, forwardRecords, recordsIn } from './forward-records.ts';
import type { ListedShard } from './limited-shard.ts';
import { type ListShards, OpenShards } from './open-shards.ts';
import { tooLargeMessage } from './payload-caps.ts';
import { type PutRequest, readPut } from './put-request.ts';
import { refuseClosed } from './resharding.ts';

export type StreamLimits = {
  readonly step: Step;
  /** By stream, then by open shard. */
  state(streams: readonly string[]): Promise<ReturnType<OpenShards['state']>>;
};

const puts = new Set(['PutRecord', 'PutRecords']);
const reshards = new Set(['CreateStream', 'DeleteStream', 'MergeShards', 'SplitShard', 'UpdateShardCount']);

export function createStreamLimits(clock: Pick<Clock, 'now'>, engine: Engine): StreamLimits {
  const list = shardsIn(engine);
  const openShards = new OpenShards(list);
  return {
    step: async (call, next) => {
      if (call.service !== 'kinesis') return next(call);
      if (puts.has(call.operation)) return putWithin(openShards, clock, call, next);
      if (!reshards.has(call.operation)) return next(call);
      const refusal = await refuseClosed(call, list);
      if (refusal !== undefined) return refusal;
      // Also where the answer is lost: what became of the call is not known then.
      return next(call).finally(() => openShards.forget(`${jsonBody(call.body)?.StreamName}`));
    },
    state: async (streams) => {
      // A stream without a put so far is not known yet.
      await Promise.all(streams.map((stream) => openShards.of(stream)));
      return openShards.state();
    },
  };
}

function shardsIn(engine: Engine): ListShards {
  return async (StreamName) => {
    const ask = { StreamName };
    const { Shards } = await callEngine<{ Shards: readonly ListedShard[] }>(
      engine.endpoint,
      'kinesis',
      'ListShards',
      ask,
    );
    return Shards;
  };
}

async function putWithin(
  openShards: OpenShards,
  clock: Pick<Clock, 'now'>,
  call: AwsCall,
  next: Next,
): Promise<AwsAnswer> {
  const put = readPut(call);
  if (put === undefined) return next(call);
  const tooLarge = tooLargeMessage(put.entries);
  if (tooLarge !== undefined) return errorAnswer(400, 'InvalidArgumentException', tooLarge);
  const admissions = admit(put.entries, await openShards.of(put.streamName), clock.now());
  if (admissions === undefined) return next(call);
  const admitted = put.records.filter((_, index) => admissions[index]?.isAdmitted);
  if (admitted.length === 0) return refuseAll(call, put, admissions);
  const isWhole = admitted.length === put.records.length;
  const answer = await (isWhole && fitsEngine(call.body)
    ? next(call)
    : forwardRecords(call, put.input, admitted, next));
  if (answer.status !== 200) {
    giveBack(admissions);
    return answer;
  }
  const output = jsonBody(answer.body) ?? {};
  const answered = call.operation === 'PutRecord' ? [output] : recordsIn(output);
  if (wentElsewhere(admissions, answered)) openShards.forget(put.streamName);
  if (isWhole) return answer;
  return { ...answer, body: bodyOf({ ...output, ...inOrder(admissions, answered, put.streamName) }) };
}

function refuseAll(
  { operation }: AwsCall,
  { streamName }: PutRequest,
  admissions: readonly Admission[],
): AwsAnswer {
  const [first] = admissions;
  return operation === 'PutRecord' && first !== undefined
    ? errorAnswer(400, tooMuch, renderRefusal(first.shard, streamName))
    : jsonAnswer(200, inOrder(admissions, [], streamName));
}
