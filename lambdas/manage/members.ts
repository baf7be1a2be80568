// The members of the caller's account, who have it in all its environments. The rules of changes are in
// domain/accounts/change-members.ts.

import { auditEntry } from '../../domain/accounts/audit.ts';
import {
  keepingAnOwner,
  LastOwner,
  ofGeneration,
  removeMember,
  setMember,
  type ToEntry,
} from '../../domain/accounts/change-members.ts';
import type { Members } from '../../domain/accounts/port.ts';
import { type AddedMember, type ShownMember, toShownMember } from '../../domain/accounts/shown-members.ts';
import type { Clock } from '../../domain/system/port.ts';
import { type HttpRequest, ProblemError } from '../edge/http.ts';
import { decideAgain } from './decide-again.ts';
import type { Manager } from './manager.ts';
import { readMemberList, readNewMember, readRemoval } from './wire.ts';

export type MembersDeps = { readonly members: Members; readonly clock: Pick<Clock, 'now'> };

export type MembersOfAccount = {
  readonly account_id: string;
  readonly members: readonly ShownMember[];
};

export type RemovedMember = {
  readonly account_id: string;
  readonly person: string;
  readonly outcome: 'removed';
};

export async function listMembers(
  { members }: MembersDeps,
  { tenant: { account, generation } }: Manager,
  request: HttpRequest,
): Promise<MembersOfAccount> {
  readMemberList(request);
  const own = await ofGeneration(members, generation).list(account);
  return { account_id: account, members: own.map(toShownMember) };
}

export async function addMember(
  { members, clock }: MembersDeps,
  { tenant: { account, generation }, auditor }: Manager,
  request: HttpRequest,
): Promise<AddedMember> {
  const { person, role } = readNewMember(request);
  const own = keepingAnOwner(ofGeneration(members, generation));
  return decideAgain('The member', async () => {
    const nowMs = clock.now();
    const toEntry: ToEntry = (change) => auditEntry(auditor, nowMs, change);
    const by = { addedAtMs: nowMs, addedBy: auditor.actor.who };
    const wanted = { account, generation, person, role, ...by };
    const done = await keptAnOwner(() => setMember(own, wanted, toEntry));
    if (done.outcome === 'too many members') throw new ProblemError('too_many_members');
    if (done.outcome === 'changed meanwhile') return undefined;
    return { account_id: account, member: toShownMember(done.member), outcome: done.outcome };
  });
}

export async function dropMember(
  { members, clock }: MembersDeps,
  { tenant: { account, generation }, auditor }: Manager,
  request: HttpRequest,
): Promise<RemovedMember> {
  const person = readRemoval(request);
  const own = keepingAnOwner(ofGeneration(members, generation));
  return decideAgain('The member', async () => {
    const nowMs = clock.now();
    const toEntry: ToEntry = (change) => auditEntry(auditor, nowMs, change);
    const { outcome } = await keptAnOwner(() => removeMember(own, { account, person }, toEntry));
    if (outcome === 'not a member') throw new ProblemError('unknown_member');
    return outcome === 'removed' ? { account_id: account, person, outcome } : undefined;
  });
}

async function keptAnOwner<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    throw error instanceof LastOwner ? new ProblemError('last_owner') : error;
  }
}
