// Lanes with direct counting: a transaction over receipts, documents and marks, and over the quarantine entries and jobs
// of the ledger.

import type { CountResult, LaneCommit, Lanes } from '../../domain/counting/port.ts';
import type { Table } from '../aws/table.ts';
import { transact } from '../aws/transact.ts';
import { quarantineActions } from '../quarantine/dynamodb-quarantine-items.ts';
import { documentAction, markAction, receiptAction } from './dynamodb-lane-actions.ts';
import { DynamoLanes } from './dynamodb-lanes.ts';

export type CountingTables = {
  readonly aggregates: Table;
  /** Of quarantine entries and jobs. */
  readonly ledger: Table;
};

export class DynamoCountingLanes extends DynamoLanes implements Lanes {
  readonly #aggregates: Table;
  readonly #ledger: string;

  constructor({ aggregates, ledger }: CountingTables) {
    super(aggregates);
    this.#aggregates = aggregates;
    this.#ledger = ledger.name;
  }

  async commit({ changes, documents, marks }: LaneCommit): Promise<CountResult> {
    const { name } = this.#aggregates;
    const actions = [
      ...changes.map((change) => receiptAction(name, change)),
      ...documents.map((document) => documentAction(name, document)),
      ...marks.map((mark) => markAction(name, mark)),
      ...changes.flatMap((change) => quarantineActions(this.#ledger, change)),
    ];
    const { outcome, failed } = await transact(this.#aggregates, actions, 'The counting transaction');
    if (outcome === 'done') return { outcome: 'committed' };
    const taken = changes.filter((_, index) => failed(index));
    return { outcome: 'lost', taken: taken.map(({ to }) => to.record) };
  }
}
