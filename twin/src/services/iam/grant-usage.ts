// What became of each grant since the start: how often it allowed a call, and what was denied for want of one.

import type { JsonRecord } from '../../core/json-record.ts';
import type { FunctionRole } from './function-roles.ts';
import type { Grant, Need } from './policy-evaluation.ts';
import { explains, type UnusedGrant } from './unused-grants.ts';

export type UsedGrant = {
  readonly action: string;
  readonly resource: string;
  readonly condition?: JsonRecord;
  /** Calls, however much of each it allowed. */
  readonly used: number;
  /** Where nothing used it, and that is right. */
  readonly unused_because?: string;
};
export type DeniedNeed = { readonly action: string; readonly resource: string; readonly times: number };
export type FunctionGrants = {
  readonly role: string;
  readonly grants: readonly UsedGrant[];
  readonly denied: readonly DeniedNeed[];
};
/** By label. */
export type Grants = Readonly<Record<string, FunctionGrants>>;

/** A function that reads all objects of a bucket may be denied each of them. */
const maxDenials = 1000;

export class GrantUsage {
  private readonly uses = new Map<Grant, number>();
  private readonly denials = new Map<string, DeniedNeed & { readonly label: string }>();

  used(grants: Iterable<Grant>): void {
    for (const grant of grants) this.uses.set(grant, (this.uses.get(grant) ?? 0) + 1);
  }

  /** Whether it is the first time. */
  denied(caller: string, label: string, { action, resource }: Need): boolean {
    const name = `${caller} ${action} ${resource}`;
    const times = this.denials.get(name)?.times ?? 0;
    if (times === 0 && this.denials.size >= maxDenials) return false;
    this.denials.set(name, { label, action, resource, times: times + 1 });
    return times === 0;
  }

  of(functions: readonly FunctionRole[], explained: readonly UnusedGrant[]): Grants {
    return Object.fromEntries(
      functions.map(({ label, roleName, evaluator }) => [
        label,
        {
          role: roleName,
          grants: evaluator.grants.map((grant) => this.describe(grant, label, explained)),
          denied: [...this.denials.values()]
            .filter((each) => each.label === label)
            .map(({ action, resource, times }) => ({ action, resource, times })),
        },
      ]),
    );
  }

  private describe(grant: Grant, label: string, explained: readonly UnusedGrant[]): UsedGrant {
    const used = this.uses.get(grant) ?? 0;
    const action = grant.action.text;
    const reason = explained.find((entry) => explains(entry, label, action))?.reason;
    return {
      action,
      resource: grant.resource.text,
      ...(grant.condition && { condition: grant.condition.given }),
      used,
      ...(used === 0 && reason !== undefined && { unused_because: reason }),
    };
  }
}
