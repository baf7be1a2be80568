// The sealed signing secrets of an account: one item next to its settings, which name the version in force. Both
// change in one transaction, so that authorize, which reads only the settings, always knows whether requests must be
// signed.

import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { AuditEntry } from '../../domain/accounts/audit.ts';
import { accountKey, signingSecretsSortKey } from '../../domain/keys.ts';
import type { SigningSecrets } from '../../domain/signing/port.ts';
import type { SealedSecret, SealedSecrets } from '../../domain/signing/signing-secrets.ts';
import { changeAudited } from '../accounts/dynamodb-account-items.ts';
import { changeSettings } from '../accounts/dynamodb-account-settings.ts';
import type { Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';
import type { TransactAction } from '../aws/transact.ts';

export class DynamoSigningSecrets implements SigningSecrets {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async find(account: string): Promise<SealedSecrets | undefined> {
    const answer = await callTable(`GetItem on ${this.#table.name}`, () =>
      this.#table.client.send(
        new GetCommand({ TableName: this.#table.name, Key: itemKey(account), ConsistentRead: true }),
      ),
    );
    return answer.Item && fromItem(answer.Item);
  }

  replace(
    account: string,
    version: string | undefined,
    secrets: SealedSecrets | undefined,
    entries: readonly AuditEntry[],
  ): Promise<boolean> {
    const actions = [
      this.#changeSecrets(account, version, secrets),
      changeSettings(this.#table.name, account, 'signing', secrets?.version),
    ];
    const what = 'The change of the signing secrets';
    return changeAudited(this.#table, actions, entries, what, actions.length);
  }

  #changeSecrets(
    account: string,
    version: string | undefined,
    secrets: SealedSecrets | undefined,
  ): TransactAction {
    const condition =
      version === undefined
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: '#version = :read',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':read': version },
          };
    const TableName = this.#table.name;
    return secrets
      ? { Put: { TableName, Item: toItem(account, secrets), ...condition } }
      : { Delete: { TableName, Key: itemKey(account), ...condition } };
  }
}

const itemKey = (account: string): Item => ({ pk: accountKey(account), sk: signingSecretsSortKey });

const toItem = (account: string, { version, required, secrets }: SealedSecrets): Item => ({
  ...itemKey(account),
  version,
  required,
  secrets: secrets.map(({ id, sealed }) => ({ id, sealed })),
});

const fromItem = (item: Item): SealedSecrets => ({
  version: String(item.version),
  required: item.required !== false,
  secrets: (item.secrets as SealedSecret[]).map(({ id, sealed }) => ({ id, sealed })),
});
