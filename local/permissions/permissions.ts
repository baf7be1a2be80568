// Whether each call may be made: a step of the proxy that holds it against the role of the function that calls, as
// the template has it. What is denied is answered as AWS does, and told once with the grant that would be needed.

import type { AwsAnswer, AwsCall, Next, Step } from '../proxy/aws-call.ts';
import type { System } from '../template/system.ts';
import { type FunctionRole, Roles } from './callers.ts';
import { answerDenied, answerStatements, type Denied, sayDenied } from './denials.ts';
import type { Grant, Need } from './judge.ts';
import { type Around, needsOf } from './needs/needs.ts';
import { NeedNotModelled } from './not-modelled-here.ts';
import { partitionKeysOf } from './partition-keys.ts';
import { ShardIterators } from './shard-iterators.ts';
import { unusedGrants } from './unused-grants.ts';
import { type Grants, UseRecord } from './use-record.ts';

export type PermissionsOptions = {
  readonly system: () => System;
  readonly report: (problem: string) => void;
};

export class Permissions {
  private readonly options: PermissionsOptions;
  private readonly iterators = new ShardIterators();
  private readonly record = new UseRecord();
  private known: Roles | undefined;
  private readonly around: Around;

  constructor(options: PermissionsOptions) {
    this.options = options;
    const { streamOf } = this.iterators;
    this.around = { partitionKeys: partitionKeysOf(options.system), streamOf };
  }

  /** Before any call. Throws PolicyNotModelled. */
  read(): void {
    this.known = new Roles(this.options.system());
  }

  readonly step: Step = async (call, next) => {
    const role = this.roles.of(call.caller);
    if (role === undefined || isErrand(call, role)) return next(call);
    const expired = this.iterators.refuse(call);
    if (expired !== undefined) return expired;
    try {
      const needs = needsOf(call, this.around);
      return await this.answer(call, next, needs, this.judge(call, role, needs));
    } catch (error) {
      if (!(error instanceof NeedNotModelled)) throw error;
      this.tellOnce(
        call,
        role,
        { action: `${call.service}:${call.operation}`, resource: '*' },
        error.message,
      );
      return answerDenied(call, error.message);
    }
  };

  readonly grants = (): Grants => this.record.of(this.roles.functions, unusedGrants);

  private get roles(): Roles {
    if (this.known === undefined) throw new Error('The roles have not been read yet.');
    return this.known;
  }

  /** What AWS says of each need that is denied. */
  private judge(call: AwsCall, role: FunctionRole, needs: readonly Need[]): readonly (string | undefined)[] {
    const used = new Set<Grant>();
    const messages = needs.map((need) => {
      const verdict = role.judge.judge(need);
      if ('grant' in verdict) {
        used.add(verdict.grant);
        return undefined;
      }
      const denied = { ...need, ...verdict };
      this.tellOnce(call, role, need, sayRemedy(role, denied));
      return sayDenied(role, denied);
    });
    this.record.used(used);
    return messages;
  }

  private async answer(
    call: AwsCall,
    next: Next,
    needs: readonly Need[],
    messages: readonly (string | undefined)[],
  ): Promise<AwsAnswer> {
    if (call.operation === 'BatchExecuteStatement') return answerStatements(call, next, messages);
    const denied = messages.find((message) => message !== undefined);
    if (denied !== undefined) return answerDenied(call, denied);
    const answer = await next(call);
    this.iterators.hear(call, needs[0]?.resource ?? '', answer);
    return answer;
  }

  private tellOnce({ caller }: AwsCall, { verb }: FunctionRole, need: Need, remedy: string): void {
    if (this.record.denied(caller, verb, need)) this.options.report(`${caller} was denied a call. ${remedy}`);
  }
}

/** Lambda is given the URLs of its queues; the twin's parts ask for them. */
function isErrand({ caller, operation }: AwsCall, { verb }: FunctionRole): boolean {
  return caller !== verb && operation === 'GetQueueUrl';
}

function sayRemedy({ verb, roleName }: FunctionRole, { action, resource, denied }: Denied): string {
  const [service, name] = action.split(':');
  return denied === 'explicitly'
    ? `A statement of ${roleName} denies ${action} on ${resource}.`
    : `Nothing of ${roleName} grants ${action} on ${resource}. If it should: allow('${service}', ['${name}'], …) in the statements of ${verb}, in lib/.`;
}
