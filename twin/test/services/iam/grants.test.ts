import { describe, expect, it } from 'vitest';
import { stale, unexplained } from '../../../src/services/iam/audit.ts';
import { unusedGrants } from '../../../src/services/iam/unused-grants.ts';
import { allows, startPermissions, tableArn, templateWith } from './fixture.ts';

const ledger = tableArn('ledger');
const key = { pk: { S: 'a' } };
const get = { TableName: 'ledger', Key: key };

describe('a grant is used', () => {
  it('once by each call, however many parts of it need it', async () => {
    const { dynamoDb, grants } = startPermissions(
      templateWith([allows(['dynamodb:PutItem', 'dynamodb:Scan'], ledger)]),
    );
    const put = { Put: { TableName: 'ledger', Item: key } };

    await dynamoDb('TransactWriteItems', { TransactItems: [put, put, put] });
    await dynamoDb('PutItem', { TableName: 'ledger', Item: key });

    expect(grants()).toEqual({
      ingest: {
        role: 'ingest-role',
        grants: [
          { action: 'dynamodb:PutItem', resource: ledger, used: 2 },
          { action: 'dynamodb:Scan', resource: ledger, used: 0 },
        ],
        denied: [],
      },
    });
  });

  it('and one that another before it covers is not: it could go', async () => {
    const { dynamoDb, grants } = startPermissions(
      templateWith([allows('dynamodb:*', ledger), allows('dynamodb:GetItem', ledger)]),
    );

    await dynamoDb('GetItem', get);

    expect(unexplained(grants())).toEqual([`ingest does not use dynamodb:GetItem on ${ledger}`]);
  });

  it('by a call that meets its condition, and is told by that from another of the same', async () => {
    const heldTo = (partition: string) => ({
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [partition] } },
    });
    const { dynamoDb, grants } = startPermissions(
      templateWith([
        allows('dynamodb:GetItem', ledger, heldTo('a*')),
        allows('dynamodb:GetItem', ledger, heldTo('b*')),
      ]),
    );

    await dynamoDb('GetItem', get);

    expect(unexplained(grants())).toEqual([
      `ingest does not use dynamodb:GetItem on ${ledger} where {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["b*"]}}`,
    ]);
  });
});

describe('an audit finds', () => {
  const explained = [
    { actions: ['logs:PutLogEvents'], reason: 'Lambda writes them.' },
    { actions: ['dynamodb:Scan'], of: 'report', reason: 'Only that one.' },
  ];
  const audited = async (actions: string[], ...operations: readonly string[]) => {
    const permissions = startPermissions(templateWith([allows(actions, '*')]));
    for (const operation of operations) await permissions.dynamoDb(operation, get);
    return permissions.grants();
  };

  it('a grant that nothing uses, unless it is explained', async () => {
    const grants = await audited(['dynamodb:GetItem', 'dynamodb:PutItem', 'logs:PutLogEvents'], 'GetItem');

    expect(unexplained(grants)).toEqual(['ingest does not use dynamodb:PutItem on *']);
    expect(grants.ingest?.grants[2]).toEqual({
      action: 'logs:PutLogEvents',
      resource: '*',
      used: 0,
      unused_because: expect.stringContaining('Lambda writes'),
    });
  });

  it('an explanation of what nothing grants, or what only another function is granted', async () => {
    const grants = await audited(['dynamodb:Scan']);

    expect(stale(grants, explained)).toEqual([
      'nothing grants logs:PutLogEvents',
      'nothing grants dynamodb:Scan',
    ]);
  });

  it('an explanation of what is used after all', async () => {
    const grants = await audited(['dynamodb:Scan'], 'Scan');
    const [, ofScan] = explained;

    expect(stale(grants, ofScan === undefined ? [] : [{ ...ofScan, of: 'ingest' }])).toEqual([
      'ingest uses dynamodb:Scan on *',
    ]);
    expect(stale(await audited(['logs:PutLogEvents']), explained.slice(0, 1))).toEqual([]);
  });
});

it.each(unusedGrants)('$actions are given a reason in a sentence', ({ actions, reason }) => {
  expect(actions.length).toBeGreaterThan(0);
  expect(reason).toMatch(/^[A-Z].{15,}\.$/);
});
