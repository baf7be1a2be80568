// Members in DynamoDB: each an item of its own, by its person, and a pointer to it in the partition of its account's members.

import type { AuditEntry } from '../../domain/accounts/audit.ts';
import type { Member } from '../../domain/accounts/people.ts';
import type { Members } from '../../domain/accounts/port.ts';
import { accountMembersKey, lastPersonKey, personKey, personKeyPrefix } from '../../domain/keys.ts';
import { batchGet } from '../aws/batch-get.ts';
import { queryRange } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';
import { accountItemKey, changeAudited, fromAccountItem, isOfGeneration } from './dynamodb-account-items.ts';
import { fromMemberItem, memberItemKey, toMemberItem } from './dynamodb-member-items.ts';

export class DynamoMembers implements Members {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async list(account: string): Promise<readonly Member[]> {
    const range = { pk: accountMembersKey(account), first: personKey(''), last: lastPersonKey };
    const pointers = await queryRange(this.#table, range, true);
    const people = pointers.map(({ sk }) => String(sk).slice(personKeyPrefix.length));
    return (await this.#read(account, people)).toSorted((one, other) => (one.person < other.person ? -1 : 1));
  }

  async find(account: string, person: string): Promise<Member | undefined> {
    const [member] = await this.#read(account, [person]);
    return member;
  }

  async #read(account: string, people: readonly string[]): Promise<Member[]> {
    const ofMembers = people.map((person) => memberItemKey({ account, person }));
    const ofAccount = accountItemKey(account);
    const items = await batchGet(this.#table, [ofAccount, ...ofMembers]);
    const settings = items.find(({ pk }) => pk === ofAccount.pk);
    const owner = settings && fromAccountItem(settings);
    return items.filter((item) => item !== settings && isOfGeneration(owner, item)).map(fromMemberItem);
  }

  add(member: Member, entry: AuditEntry): Promise<boolean> {
    const TableName = this.#table.name;
    const actions = [
      {
        ConditionCheck: {
          TableName,
          Key: accountItemKey(member.account),
          ConditionExpression: 'generation = :generation',
          ExpressionAttributeValues: { ':generation': member.generation },
        },
      },
      {
        Put: {
          TableName,
          Item: toMemberItem(member),
          // One of an earlier generation is replaced.
          ConditionExpression: 'attribute_not_exists(pk) OR generation <> :generation',
          ExpressionAttributeValues: { ':generation': member.generation },
        },
      },
      { Put: { TableName, Item: pointerTo(member) } },
    ];
    return changeAudited(this.#table, actions, [entry], 'The addition of the member', 2);
  }

  change(before: Member, after: Member, entry: AuditEntry, staying?: Member): Promise<boolean> {
    const TableName = this.#table.name;
    const deciding = [
      { Put: { TableName, Item: toMemberItem(after), ...hasRoleOf(before) } },
      ...(staying ? [stillHasRole(TableName, staying)] : []),
    ];
    return changeAudited(this.#table, deciding, [entry], 'The change of the member', deciding.length);
  }

  remove(before: Member, entry: AuditEntry, staying?: Member): Promise<boolean> {
    const TableName = this.#table.name;
    const deciding = [
      { Delete: { TableName, Key: memberItemKey(before), ...hasRoleOf(before) } },
      ...(staying ? [stillHasRole(TableName, staying)] : []),
    ];
    const actions = [...deciding, { Delete: { TableName, Key: pointerTo(before) } }];
    return changeAudited(this.#table, actions, [entry], 'The removal of the member', deciding.length);
  }
}

const pointerTo = ({ account, person }: Member) => ({
  pk: accountMembersKey(account),
  sk: personKey(person),
});

const stillHasRole = (TableName: string, member: Member) => ({
  ConditionCheck: { TableName, Key: memberItemKey(member), ...hasRoleOf(member) },
});

const hasRoleOf = ({ role, generation }: Member) => ({
  ConditionExpression: '#role = :role AND generation = :generation',
  ExpressionAttributeNames: { '#role': 'role' },
  ExpressionAttributeValues: { ':role': role, ':generation': generation },
});
