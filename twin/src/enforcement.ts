// The door to what is enforced, for tests of a template that run nothing: permissions, throttles and quotas.

export { readApiDefinitions } from './services/api-gateway/api-definition.ts';
export { readStageThrottles } from './services/api-gateway/limits/method-throttles.ts';
export { readUsagePlans } from './services/api-gateway/limits/usage-plans.ts';
export { stale, unexplained } from './services/iam/audit.ts';
export { Roles } from './services/iam/function-roles.ts';
export { Permissions } from './services/iam/permissions.ts';
export { unusedGrants } from './services/iam/unused-grants.ts';
