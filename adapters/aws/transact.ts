// Runs a transaction until it is done or one of its conditions fails. The SDK does not retry conflicts, so this does.

import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { callTable, PartitionThrottled } from './dynamodb-client.ts';
import type { Table } from './table.ts';
import { isTransientCode } from './transient-errors.ts';

const maxTries = 6;

export type TransactAction = NonNullable<
  ConstructorParameters<typeof TransactWriteCommand>[0]['TransactItems']
>[number];

export type TransactResult = {
  readonly outcome: 'done' | 'condition failed';
  /** Whether the condition of the action at this index failed. */
  readonly failed: (index: number) => boolean;
};

/** `what` names the transaction in the error if other transactions conflict with every try. */
export async function transact(
  { client, pause }: Pick<Table, 'client' | 'pause'>,
  actions: TransactAction[],
  what: string,
): Promise<TransactResult> {
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    if (attempt > 0) await pause(attempt - 1);
    const reasons = await tryTransaction(client, actions);
    if (!reasons) return { outcome: 'done', failed: () => false };
    const failed = (index: number) => reasons[index] === 'ConditionalCheckFailed';
    if (actions.some((_, index) => failed(index))) return { outcome: 'condition failed', failed };
  }
  throw new PartitionThrottled(`${what} met a conflict at each of ${maxTries} tries`);
}

/** The cancellation reasons by action. Undefined if the transaction succeeded. */
async function tryTransaction(
  client: Table['client'],
  actions: TransactAction[],
): Promise<readonly (string | undefined)[] | undefined> {
  try {
    await callTable('TransactWriteItems', () =>
      client.send(new TransactWriteCommand({ TransactItems: actions })),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const reasons = (error.CancellationReasons ?? []).map((reason) => reason.Code);
    if (reasons.some((reason) => reason && !isTransientCode(reason))) throw error;
    return reasons;
  }
}
