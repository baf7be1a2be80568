// What an account changes of itself: its keys, its members, and what is in its quarantine. Its audit log, which says so. And
// for those who manage, whether what the platform depends on answers.
// No answer may be kept by a cache: some show a secret, once.

import { answerJson, type HttpAnswer, type HttpRequest, ProblemError } from '../edge/http.ts';
import { type AuditDeps, readAudit } from './audit.ts';
import { createHealth, type HealthDeps } from './health.ts';
import { createKey, type KeysDeps, listKeys, revokeKey, rotateKey } from './keys.ts';
import { type ManagerDeps, managerOf } from './manager.ts';
import { addMember, dropMember, listMembers, type MembersDeps } from './members.ts';
import { type SettleDeps, settleRecord } from './quarantine.ts';

export type ManageDeps = ManagerDeps & KeysDeps & MembersDeps & SettleDeps & AuditDeps & HealthDeps;

const uncached = { 'cache-control': 'no-store' };

export const createManage = (deps: ManageDeps) => {
  const readHealth = createHealth(deps);
  return async (request: HttpRequest): Promise<HttpAnswer> => {
    const manager = await managerOf(deps, request);
    const answer = (statusCode: number, body: unknown) => answerJson(request, statusCode, body, uncached);
    switch (`${request.httpMethod} ${request.resource}`) {
      case 'GET /v1/keys':
        return answer(200, await listKeys(deps, manager, request));
      case 'POST /v1/keys':
        return answer(201, await createKey(deps, manager, request));
      case 'POST /v1/keys/{key_id}/rotate':
        return answer(201, await rotateKey(deps, manager, request));
      case 'DELETE /v1/keys/{key_id}':
        return answer(200, await revokeKey(deps, manager, request));
      case 'GET /v1/members':
        return answer(200, await listMembers(deps, manager, request));
      case 'POST /v1/members': {
        const added = await addMember(deps, manager, request);
        return answer(added.outcome === 'added' ? 201 : 200, added);
      }
      case 'DELETE /v1/members/{person}':
        return answer(200, await dropMember(deps, manager, request));
      case 'GET /v1/audit':
        return answer(200, await readAudit(deps, manager.tenant, request));
      case 'GET /v1/health':
        return answer(200, await readHealth(request));
      case 'POST /v1/quarantine/{record}/replay':
      case 'POST /v1/quarantine/{record}/discard': {
        const action = request.resource.endsWith('replay') ? 'replay' : 'discard';
        const settled = await settleRecord(deps, manager, action, request);
        return answer(settled.outcome === 'under_way' ? 202 : 200, settled);
      }
      default:
        throw new ProblemError('not_found');
    }
  };
};
