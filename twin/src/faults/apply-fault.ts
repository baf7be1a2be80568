// What each kind of fault does to a call.

import { AnswerLost, type AwsAnswer, type AwsCall, type Next } from '../core/proxy/aws-call.ts';
import { bodyOf, jsonBody } from '../core/proxy/json-body.ts';
import { answerWith, failureOf, throttleOf } from '../core/proxy/service-errors.ts';
import { type Division, partialOperations } from './partial.ts';
import type { CallAction } from './rule-schema.ts';
import type { RunningRule } from './running-rule.ts';

export type FaultedCall = {
  readonly call: AwsCall;
  readonly running: RunningRule;
  readonly random: () => number;
  /** Past all other rules. */
  readonly forward: Next;
  /** To the rules after this one. */
  readonly later: Next;
  readonly kill: (functionLabel: string, environmentId: string) => boolean;
};

export function applyFault(action: CallAction, acting: FaultedCall): Promise<AwsAnswer> {
  if (action.kind === 'partial') return applyInPart(action, acting);
  acting.running.met += 1;
  return applyToWholeCall(action, acting);
}

async function applyToWholeCall(
  action: Exclude<CallAction, { kind: 'partial' }>,
  acting: FaultedCall,
): Promise<AwsAnswer> {
  const { call, running, forward, later } = acting;
  switch (action.kind) {
    case 'throttle':
      return { ...answerWith(call, throttleOf(call), messageOf(running)), isInjected: true };
    case 'error': {
      const { status: usual, code: own } = failureOf(call);
      const { status = usual, code = own, message = messageOf(running) } = action;
      return { ...answerWith(call, { status, code }, message), isInjected: true };
    }
    case 'latency':
      await running.hold(latencyMs(action.ms, acting.random));
      return later(call);
    case 'drop_answer':
      await forward(call);
      throw new AnswerLost(undefined, { isInjected: true });
    case 'kill':
      if (action.moment === 'after') await forward(call);
      acting.kill(call.caller, call.environment ?? '');
      throw new AnswerLost(undefined, { isInjected: true });
  }
}

/** Where chance leaves the whole call alone, nothing has happened, and later rules have their turn. */
async function applyInPart(
  { share, code }: Extract<CallAction, { kind: 'partial' }>,
  { call, running, random, forward, later }: FaultedCall,
): Promise<AwsAnswer> {
  const operation = partialOperations[call.operation];
  const failure = { code: code ?? operation?.code ?? '', message: messageOf(running) };
  const division = operation?.divide(jsonBody(call.body) ?? {}, () => random() < share, failure);
  if (division === undefined || division.failedCount === 0) return later(call);
  running.met += 1;
  return division.rest === undefined
    ? answerTo(call, division)
    : joinedWith(await forward({ ...call, body: bodyOf(division.rest) }), division);
}

function answerTo({ headers }: AwsCall, division: Division): AwsAnswer {
  const type = headers['content-type'] ?? 'application/json';
  return { status: 200, headers: { 'content-type': type }, body: bodyOf(division.joined({})) };
}

function joinedWith(answer: AwsAnswer, division: Division): AwsAnswer {
  const output = jsonBody(answer.body);
  if (answer.status >= 300 || output === undefined) return answer;
  // The checksum would be that of another body.
  const { 'x-amz-crc32': _, ...headers } = answer.headers;
  return { ...answer, headers, body: bodyOf(division.joined(output)) };
}

function latencyMs(ms: number | readonly [number, number], random: () => number): number {
  const [least, most] = typeof ms === 'number' ? [ms, ms] : ms;
  return least + Math.floor(random() * (most - least + 1));
}

function messageOf({ name }: RunningRule): string {
  return `Injected fault: ${name}.`;
}
