// Whether each call may be made: a step of the proxy that holds it against the role of the function that calls, as
// the template has it. What is denied is answered as AWS does, and told once with the grant that would be needed.

import type { AwsAnswer, AwsCall, Next, Step } from '../../core/proxy/aws-call.ts';
import type { Template } from '../../template/template.ts';
import { answerDenied, answerStatements, type Denied, sayDenied } from './denials.ts';
import type { FunctionRole, Roles } from './function-roles.ts';
import { type Grants, UseRecord } from './grant-usage.ts';
import { NeedNotModelled } from './iam-not-modelled.ts';
import type { CallFacts } from './needs/call-needs.ts';
import { needsOf } from './needs/needs.ts';
import { partitionKeysOf } from './partition-keys.ts';
import type { Grant, Need } from './policy-evaluation.ts';
import { ShardIterators } from './shard-iterators.ts';
import type { UnusedGrant } from './unused-grants.ts';

export type PermissionsOptions = {
  readonly template: Template;
  readonly roles: Roles;
  /** Grants that are right although nothing here uses them. */
  readonly explained: readonly UnusedGrant[];
  readonly report: (problem: string) => void;
};

export class Permissions {
  private readonly options: PermissionsOptions;
  private readonly iterators = new ShardIterators();
  private readonly record = new UseRecord();
  private readonly facts: CallFacts;

  constructor(options: PermissionsOptions) {
    this.options = options;
    const { streamOf } = this.iterators;
    this.facts = { partitionKeys: partitionKeysOf(options.template), streamOf };
  }

  readonly step: Step = async (call, next) => {
    const role = this.options.roles.of(call.caller);
    if (role === undefined || isErrand(call, role)) return next(call);
    const expired = this.iterators.refuse(call);
    if (expired !== undefined) return expired;
    const needs = needsOf(call, this.facts);
    const messages = this.judge(call, role, needs);
    const denied = messages.find((message) => message !== undefined);
    if (denied === undefined) return this.answer(call, next, role, needs[0]);
    return call.operation === 'BatchExecuteStatement'
      ? answerStatements(call, next, messages)
      : answerDenied(call, denied);
  };

  readonly grants = (): Grants => this.record.of(this.options.roles.functions, this.options.explained);

  /** What AWS says of each need that is denied. */
  private judge(
    call: AwsCall,
    role: FunctionRole,
    needs: readonly (Need | NeedNotModelled)[],
  ): readonly (string | undefined)[] {
    const used = new Set<Grant>();
    const messages = needs.map((need) => {
      const verdict = verdictOn(need, call, role);
      if ('grant' in verdict) {
        used.add(verdict.grant);
        return undefined;
      }
      this.tellOnce(call, role, verdict.need, verdict.remedy);
      return verdict.message;
    });
    this.record.used(used);
    return messages;
  }

  private async answer(
    call: AwsCall,
    next: Next,
    role: FunctionRole,
    need: Need | NeedNotModelled | undefined,
  ): Promise<AwsAnswer> {
    const answer = await next(call);
    if (need === undefined || need instanceof NeedNotModelled) return answer;
    this.iterators.hear(call, need.resource, answer);
    const listing = listingThatWouldTell(call, need, answer);
    const [denied] = listing === undefined ? [] : this.judge(call, role, [listing]);
    return denied === undefined ? answer : answerDenied(call, denied);
  }

  private tellOnce({ caller }: AwsCall, { label }: FunctionRole, need: Need, remedy: string): void {
    if (this.record.denied(caller, label, need))
      this.options.report(`${caller} was denied a call. ${remedy}`);
  }
}

type Refused = { readonly need: Need; readonly message: string; readonly remedy: string };

/** What is not known, of the call or for a condition, is denied whatever is granted. */
function verdictOn(
  need: Need | NeedNotModelled,
  { service, operation }: AwsCall,
  role: FunctionRole,
): { readonly grant: Grant } | Refused {
  try {
    if (need instanceof NeedNotModelled) throw need;
    const verdict = role.judge.judge(need);
    if ('grant' in verdict) return verdict;
    const denied = { ...need, ...verdict };
    return { need, message: sayDenied(role, denied), remedy: sayRemedy(role, denied) };
  } catch (error) {
    if (!(error instanceof NeedNotModelled)) throw error;
    const { message } = error;
    return { need: { action: `${service}:${operation}`, resource: '*' }, message, remedy: message };
  }
}

/**
 * That an object is missing is told only to who may list its bucket; to others S3 says that they are denied.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
function listingThatWouldTell(
  { service }: AwsCall,
  { action, resource }: Need,
  { status }: AwsAnswer,
): Need | undefined {
  if (service !== 's3' || action !== 's3:GetObject' || status !== 404) return undefined;
  return { action: 's3:ListBucket', resource: resource.slice(0, resource.indexOf('/')) };
}

/** Lambda is given the URLs of its queues; the twin's parts ask for them. */
function isErrand({ caller, operation }: AwsCall, { label }: FunctionRole): boolean {
  return caller !== label && operation === 'GetQueueUrl';
}

function sayRemedy({ label, roleName }: FunctionRole, { action, resource, denied }: Denied): string {
  const [service, name] = action.split(':');
  return denied === 'explicitly'
    ? `A statement of ${roleName} denies ${action} on ${resource}.`
    : `Nothing of ${roleName} grants ${action} on ${resource}. If it should: allow('${service}', ['${name}'], …) in the statements of ${label}, in lib/.`;
}
