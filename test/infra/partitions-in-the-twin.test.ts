import { describe, expect, it } from 'vitest';
import {
  accountKey,
  apiKeyKey,
  idempotencyKey,
  jobsKey,
  platformKeyKey,
  quarantineKey,
  receiptKey,
  usedSignaturePrefix,
} from '../../domain/keys.ts';
import { Roles } from '../../twin/src/services/iam/callers.ts';
import type { Template } from '../../twin/src/template/assembly.ts';
import { createSystem } from '../../twin/src/template/system.ts';
import { only, stageNamed, synthesize } from './synthesize.ts';

const { stateful, stateless } = synthesize(stageNamed('dev'));
const system = createSystem(
  Object.entries({ stateful, stateless }).map(([name, template]) => ({
    name: `weir-dev-${name}`,
    template: template.toJSON() as Template,
    assetFolders: new Map<string, string>(),
  })),
);
const roles = new Roles(system);
const tables = system.resources('AWS::DynamoDB::Table');
const tenant = { account: 'acme', environment: 'production' };
const usedSignature = `${usedSignaturePrefix}acme#digest`;

function may(verb: string, operation: string, table: string, ...leadingKeys: readonly string[]): boolean {
  const { attribute } = only(tables.filter(({ logicalId }) => logicalId.startsWith(`Tables${table}`)));
  const verdict = roles.of(verb)?.judge.judge({
    action: `dynamodb:${operation}`,
    resource: attribute('Arn'),
    context: { leadingKeys: () => leadingKeys },
  });
  return verdict !== undefined && 'grant' in verdict;
}

describe('by the template, as the twin judges it, ingest', () => {
  it.each([
    ['GetItem', 'Accounts', accountKey('acme'), true],
    ['GetItem', 'Accounts', apiKeyKey('0123456789ab'), false],
    ['PutItem', 'Accounts', accountKey('acme'), false],
    ['UpdateItem', 'Accounts', accountKey('acme'), false],
    ['GetItem', 'Ledger', platformKeyKey, true],
    ['PutItem', 'Ledger', platformKeyKey, true],
    ['UpdateItem', 'Ledger', platformKeyKey, false],
    ['PutItem', 'Ledger', idempotencyKey(tenant, 'digest'), true],
    ['UpdateItem', 'Ledger', idempotencyKey(tenant, 'digest'), true],
    ['GetItem', 'Ledger', idempotencyKey(tenant, 'digest'), false],
    ['DeleteItem', 'Ledger', idempotencyKey(tenant, 'digest'), false],
    ['PutItem', 'Ledger', usedSignature, true],
    ['UpdateItem', 'Ledger', usedSignature, false],
    ['PutItem', 'Ledger', receiptKey(tenant, 'batch'), false],
    ['UpdateItem', 'Ledger', receiptKey(tenant, 'batch'), false],
    ['GetItem', 'Ledger', receiptKey(tenant, 'batch'), false],
  ] as const)('of %s on %s at %s: %s', (operation, table, key, expected) => {
    expect(may('ingest', operation, table, key)).toBe(expected);
  });

  it('may not reach a receipt beside a key of its own', () => {
    const own = idempotencyKey(tenant, 'digest');

    expect(may('ingest', 'PutItem', 'Ledger', own, idempotencyKey(tenant, 'other'))).toBe(true);
    expect(may('ingest', 'PutItem', 'Ledger', own, receiptKey(tenant, 'batch'))).toBe(false);
  });

  it('may neither scan nor query, which name no key or one that nobody bounds', () => {
    for (const table of ['Accounts', 'Ledger'])
      for (const operation of ['Scan', 'Query', 'BatchGetItem', 'PartiQLSelect'])
        expect(may('ingest', operation, table)).toBe(false);
  });
});

describe('by the template, as the twin judges it, settle', () => {
  it.each([
    ['GetItem', quarantineKey(tenant), true],
    ['UpdateItem', quarantineKey(tenant), true],
    ['Query', jobsKey, true],
    ['Query', quarantineKey(tenant), false],
    ['GetItem', platformKeyKey, false],
    ['UpdateItem', receiptKey(tenant, 'batch'), false],
    ['UpdateItem', idempotencyKey(tenant, 'digest'), false],
  ] as const)('of %s on the ledger at %s: %s', (operation, key, expected) => {
    expect(may('settle', operation, 'Ledger', key)).toBe(expected);
  });

  it('may reach no account', () => {
    for (const operation of ['GetItem', 'PutItem', 'Query', 'Scan', 'BatchGetItem'])
      expect(may('settle', operation, 'Accounts', accountKey('acme'))).toBe(false);
  });
});

describe('by the template, as the twin judges it, read', () => {
  it.each([
    ['Query', quarantineKey(tenant), true],
    ['Query', receiptKey(tenant, 'batch'), false],
    ['Query', jobsKey, false],
    ['UpdateItem', quarantineKey(tenant), false],
    ['DeleteItem', quarantineKey(tenant), false],
  ] as const)('of %s on the ledger at %s: %s', (operation, key, expected) => {
    expect(may('read', operation, 'Ledger', key)).toBe(expected);
  });
});
