import { Roles } from '@weir/twin/enforcement';
import { createTemplate, type StackTemplate } from '@weir/twin/template';
import { describe, expect, it } from 'vitest';
import {
  accountKey,
  accountKeysKey,
  accountMembersKey,
  accountsKey,
  apiKeyKey,
  auditKey,
  countKey,
  daysKey,
  idempotencyKey,
  jobsKey,
  lagKey,
  laneKey,
  lastUseKey,
  noticeKey,
  personKey,
  platformKeysKey,
  quarantineKey,
  usedSignaturePrefix,
} from '../../domain/keys.ts';
import { functionVerbs } from '../../domain/system/stage-names.ts';
import { functionVerb } from '../../local/weir.ts';
import { only, synthesize, wholeStage } from './synthesize.ts';

const { stateful, stateless } = synthesize(wholeStage);
const template = createTemplate(
  Object.entries({ stateful, stateless }).map(([name, template]) => ({
    name: `weir-dev-${name}`,
    template: template.toJSON() as StackTemplate,
    assetFolders: new Map<string, string>(),
  })),
  functionVerb,
);
const roles = new Roles(template);
const tables = template.resources('AWS::DynamoDB::Table');
const tenant = { account: 'acme', environment: 'production', generation: 0 };
const lane = { tenant, slot: 0, late: false };
const usedSignature = `${usedSignaturePrefix}acme#digest`;

function isAllowed(
  verb: string,
  operation: string,
  table: string,
  ...leadingKeys: readonly string[]
): boolean {
  const { attribute } = only(tables.filter(({ logicalId }) => logicalId.startsWith(`Tables${table}`)));
  const decision = roles.of(verb)?.evaluator.evaluate({
    action: `dynamodb:${operation}`,
    resource: attribute('Arn'),
    context: { leadingKeys: () => leadingKeys },
  });
  return decision !== undefined && 'grant' in decision;
}

describe('by the template, as the twin judges it, ingest', () => {
  it.each([
    ['GetItem', 'Accounts', accountKey('acme'), true],
    ['GetItem', 'Accounts', apiKeyKey('0123456789ab'), false],
    ['PutItem', 'Accounts', accountKey('acme'), false],
    ['UpdateItem', 'Accounts', accountKey('acme'), false],
    ['GetItem', 'Ledger', platformKeysKey, true],
    ['PutItem', 'Ledger', platformKeysKey, true],
    ['UpdateItem', 'Ledger', platformKeysKey, false],
    ['PutItem', 'Ledger', idempotencyKey(tenant, 'digest'), true],
    ['UpdateItem', 'Ledger', idempotencyKey(tenant, 'digest'), true],
    ['GetItem', 'Ledger', idempotencyKey(tenant, 'digest'), false],
    ['DeleteItem', 'Ledger', idempotencyKey(tenant, 'digest'), false],
    ['PutItem', 'Ledger', usedSignature, true],
    ['UpdateItem', 'Ledger', usedSignature, false],
    ['PutItem', 'Ledger', quarantineKey(tenant), false],
    ['UpdateItem', 'Ledger', quarantineKey(tenant), false],
    ['GetItem', 'Ledger', quarantineKey(tenant), false],
    ['Query', 'Ledger', lagKey, true],
    ['PutItem', 'Ledger', lagKey, false],
    ['Query', 'Ledger', quarantineKey(tenant), false],
    ['Query', 'Ledger', jobsKey, false],
    ['BatchGetItem', 'Aggregates', countKey(lane), true],
    ['BatchGetItem', 'Aggregates', laneKey(lane), false],
    ['PutItem', 'Aggregates', countKey(lane), false],
  ] as const)('of %s on %s at %s: %s', (operation, table, key, expected) => {
    expect(isAllowed('ingest', operation, table, key)).toBe(expected);
  });

  it('cannot reach a quarantine entry together with a key of its own', () => {
    const own = idempotencyKey(tenant, 'digest');

    expect(isAllowed('ingest', 'PutItem', 'Ledger', own, idempotencyKey(tenant, 'other'))).toBe(true);
    expect(isAllowed('ingest', 'PutItem', 'Ledger', own, quarantineKey(tenant))).toBe(false);
  });

  it('can scan nothing, and query nothing but lag', () => {
    for (const table of ['Accounts', 'Ledger'])
      for (const operation of ['Scan', 'BatchGetItem', 'PartiQLSelect'])
        expect(isAllowed('ingest', operation, table)).toBe(false);
    expect(isAllowed('ingest', 'Query', 'Accounts')).toBe(false);
  });
});

describe('by the template, as the twin judges it, authorize', () => {
  it.each([
    ['PutItem', lastUseKey('0123456789ab'), true],
    ['PutItem', noticeKey('0123456789ab'), true],
    ['UpdateItem', noticeKey('0123456789ab'), false],
    ['PutItem', apiKeyKey('0123456789ab'), false],
    ['PutItem', accountKey('acme'), false],
    ['UpdateItem', lastUseKey('0123456789ab'), false],
    ['DeleteItem', lastUseKey('0123456789ab'), false],
    ['Query', personKey('ada'), true],
    ['Query', accountKey('acme'), false],
    ['Query', auditKey('acme'), false],
    ['PutItem', personKey('ada'), false],
    ['DeleteItem', personKey('ada'), false],
  ] as const)('of %s on the accounts at %s: %s', (operation, key, expected) => {
    expect(isAllowed('authorize', operation, 'Accounts', key)).toBe(expected);
  });
});

describe('by the template, as the twin judges it, the audit log', () => {
  const writes = ['PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete', 'BatchWriteItem'];

  it.each(functionVerbs)('is neither changed nor deleted by %s', (verb) => {
    for (const operation of ['UpdateItem', 'DeleteItem', ...writes])
      expect(isAllowed(verb, operation, 'Accounts', auditKey('acme'))).toBe(false);
  });

  it('gets entries of manage and report, and of no other function', () => {
    const writers = functionVerbs.filter((verb) => isAllowed(verb, 'PutItem', 'Accounts', auditKey('acme')));

    expect(writers).toEqual(['manage', 'report']);
  });
});

describe('by the template, as the twin judges it, report', () => {
  it.each([
    ['GetItem', accountKey('acme'), true],
    ['UpdateItem', accountKey('acme'), true],
    ['PutItem', accountKey('acme'), false],
    ['DeleteItem', accountKey('acme'), false],
    ['Query', auditKey('acme'), true],
    ['UpdateItem', accountKeysKey('acme'), false],
    ['UpdateItem', apiKeyKey('0123456789ab'), false],
    ['PutItem', apiKeyKey('0123456789ab'), false],
    ['UpdateItem', personKey('ada'), false],
    ['GetItem', personKey('ada'), false],
  ] as const)('of %s on the accounts at %s: %s', (operation, key, expected) => {
    expect(isAllowed('report', operation, 'Accounts', key)).toBe(expected);
  });
});

describe('by the template, as the twin judges it, manage', () => {
  const keyId = '0123456789ab';

  it.each([
    ['BatchGetItem', 'Accounts', apiKeyKey(keyId), true],
    ['BatchGetItem', 'Accounts', lastUseKey(keyId), true],
    ['BatchGetItem', 'Accounts', accountKey('acme'), true],
    ['Query', 'Accounts', accountKeysKey('acme'), true],
    ['BatchGetItem', 'Accounts', personKey('ada'), true],
    ['Query', 'Accounts', accountMembersKey('acme'), true],
    ['Query', 'Accounts', personKey('ada'), false],
    ['Query', 'Accounts', auditKey('acme'), true],
    ['Query', 'Accounts', accountKey('acme'), false],
    ['Query', 'Accounts', accountsKey, false],
    ['Scan', 'Accounts', auditKey('acme'), false],
    ['PutItem', 'Accounts', apiKeyKey(keyId), true],
    ['PutItem', 'Accounts', accountKeysKey('acme'), true],
    ['PutItem', 'Accounts', personKey('ada'), true],
    ['PutItem', 'Accounts', accountMembersKey('acme'), true],
    ['PutItem', 'Accounts', accountKey('acme'), false],
    ['PutItem', 'Accounts', lastUseKey(keyId), false],
    ['UpdateItem', 'Accounts', accountKey('acme'), false],
    ['DeleteItem', 'Accounts', apiKeyKey(keyId), false],
    ['DeleteItem', 'Accounts', accountKey('acme'), false],
    ['DeleteItem', 'Accounts', personKey('ada'), true],
    ['DeleteItem', 'Accounts', accountMembersKey('acme'), true],
    ['UpdateItem', 'Accounts', personKey('ada'), false],
    ['ConditionCheckItem', 'Accounts', personKey('ada'), true],
    ['ConditionCheckItem', 'Accounts', accountKey('acme'), true],
    ['GetItem', 'Ledger', quarantineKey(tenant), true],
    ['DeleteItem', 'Ledger', quarantineKey(tenant), false],
    ['PutItem', 'Ledger', jobsKey, false],
    ['GetItem', 'Ledger', platformKeysKey, false],
  ] as const)('of %s on %s at %s: %s', (operation, table, key, expected) => {
    expect(isAllowed('manage', operation, table, key)).toBe(expected);
  });
});

describe('by the template, as the twin judges it, consume', () => {
  it.each([
    ['PutItem', quarantineKey(tenant), true],
    ['DeleteItem', quarantineKey(tenant), true],
    ['PutItem', jobsKey, true],
    ['DeleteItem', jobsKey, false],
    ['GetItem', platformKeysKey, true],
    ['PutItem', platformKeysKey, false],
    ['DeleteItem', platformKeysKey, false],
    ['PutItem', idempotencyKey(tenant, 'digest'), false],
    ['DeleteItem', usedSignature, false],
  ] as const)('of %s on the ledger at %s: %s', (operation, key, expected) => {
    expect(isAllowed('consume', operation, 'Ledger', key)).toBe(expected);
  });
});

describe('by the template, as the twin judges it, settle', () => {
  it.each([
    ['DeleteItem', jobsKey, true],
    ['PutItem', platformKeysKey, false],
    ['DeleteItem', platformKeysKey, false],
    ['GetItem', quarantineKey(tenant), true],
    ['UpdateItem', quarantineKey(tenant), true],
    ['Query', jobsKey, true],
    ['Query', quarantineKey(tenant), false],
    ['GetItem', platformKeysKey, true],
    ['UpdateItem', jobsKey, false],
    ['UpdateItem', idempotencyKey(tenant, 'digest'), false],
  ] as const)('of %s on the ledger at %s: %s', (operation, key, expected) => {
    expect(isAllowed('settle', operation, 'Ledger', key)).toBe(expected);
  });

  it('cannot reach an account', () => {
    for (const operation of ['GetItem', 'PutItem', 'Query', 'Scan', 'BatchGetItem'])
      expect(isAllowed('settle', operation, 'Accounts', accountKey('acme'))).toBe(false);
  });
});

describe('by the template, as the twin judges it, read', () => {
  it('writes folds of days, and neither receipts nor documents', () => {
    expect(isAllowed('read', 'PutItem', 'Aggregates', daysKey(tenant))).toBe(true);
    for (const key of [countKey(lane), laneKey(lane)])
      expect(isAllowed('read', 'PutItem', 'Aggregates', key)).toBe(false);
  });

  it.each([
    ['Query', quarantineKey(tenant), true],
    ['Query', idempotencyKey(tenant, 'digest'), false],
    ['Query', jobsKey, false],
    ['UpdateItem', quarantineKey(tenant), false],
    ['DeleteItem', quarantineKey(tenant), false],
  ] as const)('of %s on the ledger at %s: %s', (operation, key, expected) => {
    expect(isAllowed('read', operation, 'Ledger', key)).toBe(expected);
  });
});
