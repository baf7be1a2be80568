// How often each caller used each operation, and what it carried and cost. Counting is a step of the proxy;
// DynamoDB is asked for the capacity it charges, and the caller sees no more than it asked for.

import { AnswerLost, type AwsAnswer, type AwsCall, type Step } from './aws-call.ts';
import { itemsOf } from './call-items.ts';
import { bodyOf, type Json, jsonBody } from './json-body.ts';

export type CallCount = {
  calls: number;
  /** Answers with a status of 400 or above, and those that were lost. */
  errors: number;
  /** Records, statements, keys or actions; one for calls that carry a single thing. */
  items: number;
  capacityUnits: number;
  requestBytes: number;
  responseBytes: number;
  /** From the call's arrival to its answer, all together. */
  milliseconds: number;
};
/** By caller, then by `service.operation`. */
export type CallCounts = Readonly<Record<string, Readonly<Record<string, Readonly<CallCount>>>>>;

/** A call that was answered, as its caller saw it. */
export type MeteredCall = {
  readonly call: AwsCall;
  readonly input: Json | undefined;
  /** With the capacity that it took, also where the caller did not ask for that. */
  readonly output: Json | undefined;
  readonly answer: AwsAnswer;
  /** From the call's arrival to its answer. */
  readonly elapsedMs: number;
};

export type CallMeter = { readonly step: Step; calls(): CallCounts; reset(): void };

const chargedOperations = new Set([
  'BatchExecuteStatement',
  'BatchGetItem',
  'BatchWriteItem',
  'DeleteItem',
  'ExecuteStatement',
  'ExecuteTransaction',
  'GetItem',
  'PutItem',
  'Query',
  'Scan',
  'TransactGetItems',
  'TransactWriteItems',
  'UpdateItem',
]);

/** `observe` is told of each call that is answered. */
export function createCallMeter(observe: (metered: MeteredCall) => void = () => undefined): CallMeter {
  const counts = new Map<string, Map<string, CallCount>>();
  const countOf = ({ caller, service, operation }: AwsCall): CallCount => {
    const ofCaller = counts.get(caller) ?? new Map<string, CallCount>();
    counts.set(caller, ofCaller);
    const key = `${service}.${operation}`;
    const count = ofCaller.get(key) ?? noCalls();
    ofCaller.set(key, count);
    return count;
  };
  return {
    step: async (call, next) => {
      const input = jsonBody(call.body);
      const asks = asksForCapacity(call, input);
      const arrivedAtMs = performance.now();
      const countCall = (items: number, isError: boolean) => {
        const count = countOf(call);
        count.calls += 1;
        count.errors += isError ? 1 : 0;
        count.items += items;
        count.requestBytes += call.body.byteLength;
        count.milliseconds += performance.now() - arrivedAtMs;
        return count;
      };
      try {
        const answer = await next(asks === 'no' ? withCapacity(call, input) : call);
        const output = jsonBody(answer.body);
        observe({ call, input, output, answer, elapsedMs: performance.now() - arrivedAtMs });
        const count = countCall(itemsOf(call.operation, input, output), answer.status >= 400);
        count.capacityUnits += capacityIn(output);
        const shown = asks === 'no' ? withoutCapacity(answer, output) : answer;
        count.responseBytes += shown.body.byteLength;
        return shown;
      } catch (error) {
        // The answer was lost on purpose, and the call may have taken effect: it was made.
        if (error instanceof AnswerLost) countCall(itemsOf(call.operation, input, undefined), true);
        throw error;
      }
    },
    calls: () =>
      Object.fromEntries(
        [...counts].map(([caller, operations]) => [
          caller,
          Object.fromEntries([...operations].map(([key, count]) => [key, rounded(count)])),
        ]),
      ),
    reset: () => counts.clear(),
  };
}

function rounded(count: CallCount): CallCount {
  return { ...count, milliseconds: Math.round(count.milliseconds * 10) / 10 };
}

function noCalls(): CallCount {
  return {
    calls: 0,
    errors: 0,
    items: 0,
    capacityUnits: 0,
    requestBytes: 0,
    responseBytes: 0,
    milliseconds: 0,
  };
}

function asksForCapacity({ service, operation }: AwsCall, input: Json | undefined): 'yes' | 'no' | 'never' {
  if (service !== 'dynamodb' || input === undefined || !chargedOperations.has(operation)) return 'never';
  return (input.ReturnConsumedCapacity ?? 'NONE') === 'NONE' ? 'no' : 'yes';
}

function withCapacity(call: AwsCall, input: Json | undefined): AwsCall {
  return { ...call, body: bodyOf({ ...input, ReturnConsumedCapacity: 'TOTAL' }) };
}

function withoutCapacity(answer: AwsAnswer, output: Json | undefined): AwsAnswer {
  if (output?.ConsumedCapacity === undefined) return answer;
  const { ConsumedCapacity: _, ...rest } = output;
  // The checksum would be that of another body.
  const { 'x-amz-crc32': __, ...headers } = answer.headers;
  return { ...answer, headers, body: bodyOf(rest) };
}

function capacityIn(output: Json | undefined): number {
  type Consumed = { CapacityUnits?: number };
  const consumed = output?.ConsumedCapacity as Consumed | readonly Consumed[] | undefined;
  const all = consumed === undefined ? [] : Array.isArray(consumed) ? consumed : [consumed];
  return all.reduce((sum: number, one: Consumed) => sum + (one.CapacityUnits ?? 0), 0);
}
