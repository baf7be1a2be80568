// The step of the proxy that checks each call against the role of the function that calls. A denied call is answered as
// AWS answers it, and reported once with the grant that is missing.

import type { AwsAnswer, AwsCall, Next, Step } from '../../core/proxy/aws-call.ts';
import type { Template } from '../../template/template.ts';
import { answerDenied, answerStatements, type Denied, renderDenial } from './denials.ts';
import type { FunctionRole, Roles } from './function-roles.ts';
import { type Grants, GrantUsage } from './grant-usage.ts';
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
  private readonly record = new GrantUsage();
  private readonly facts: CallFacts;

  constructor(options: PermissionsOptions) {
    this.options = options;
    const { streamOf } = this.iterators;
    this.facts = { partitionKeys: partitionKeysOf(options.template), streamOf };
  }

  readonly step: Step = async (call, next) => {
    const role = this.options.roles.of(call.caller);
    if (role === undefined || isOwnQueueLookup(call, role)) return next(call);
    const expired = this.iterators.refuse(call);
    if (expired !== undefined) return expired;
    const needs = needsOf(call, this.facts);
    const messages = this.decide(call, role, needs);
    const denied = messages.find((message) => message !== undefined);
    if (denied === undefined) return this.answer(call, next, role, needs[0]);
    return call.operation === 'BatchExecuteStatement'
      ? answerStatements(call, next, messages)
      : answerDenied(call, denied);
  };

  readonly grants = (): Grants => this.record.of(this.options.roles.functions, this.options.explained);

  /** What AWS says of each need that is denied. */
  private decide(
    call: AwsCall,
    role: FunctionRole,
    needs: readonly (Need | NeedNotModelled)[],
  ): readonly (string | undefined)[] {
    const used = new Set<Grant>();
    const messages = needs.map((need) => {
      const decision = decisionOn(need, call, role);
      if ('grant' in decision) {
        used.add(decision.grant);
        return undefined;
      }
      this.reportFirst(call, role, decision.need, decision.remedy);
      return decision.message;
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
    this.iterators.remember(call, need.resource, answer);
    const listing = listingNeededFor404(call, need, answer);
    const [denied] = listing === undefined ? [] : this.decide(call, role, [listing]);
    return denied === undefined ? answer : answerDenied(call, denied);
  }

  private reportFirst({ caller }: AwsCall, { label }: FunctionRole, need: Need, remedy: string): void {
    if (this.record.denied(caller, label, need))
      this.options.report(`${caller} was denied a call. ${remedy}`);
  }
}

type Refused = { readonly need: Need; readonly message: string; readonly remedy: string };

/** What is not known, of the call or for a condition, is denied whatever is granted. */
function decisionOn(
  need: Need | NeedNotModelled,
  { service, operation }: AwsCall,
  role: FunctionRole,
): { readonly grant: Grant } | Refused {
  try {
    if (need instanceof NeedNotModelled) throw need;
    const decision = role.evaluator.evaluate(need);
    if ('grant' in decision) return decision;
    const denied = { ...need, ...decision };
    return { need, message: renderDenial(role, denied), remedy: renderRemedy(role, denied) };
  } catch (error) {
    if (!(error instanceof NeedNotModelled)) throw error;
    const { message, remedy } = error;
    return { need: { action: `${service}:${operation}`, resource: '*' }, message, remedy };
  }
}

/**
 * That an object is missing is told only to who may list its bucket; to others S3 says that they are denied.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
function listingNeededFor404(
  { service }: AwsCall,
  { action, resource }: Need,
  { status }: AwsAnswer,
): Need | undefined {
  if (service !== 's3' || action !== 's3:GetObject' || status !== 404) return undefined;
  return { action: 's3:ListBucket', resource: resource.slice(0, resource.indexOf('/')) };
}

/** Lambda is given the URLs of its queues; the twin's parts ask for them. */
function isOwnQueueLookup({ caller, operation }: AwsCall, { label }: FunctionRole): boolean {
  return caller !== label && operation === 'GetQueueUrl';
}

function renderRemedy({ label, roleName }: FunctionRole, { action, resource, denied }: Denied): string {
  return denied === 'explicitly'
    ? `A statement of ${roleName} denies ${action} on ${resource}.`
    : `Nothing of ${roleName} grants ${action} on ${resource}. If ${label} needs it, grant ${action} on that resource to its role.`;
}
