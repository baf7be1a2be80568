// What is compared: something that stores what an invocation brings, on tables of its own.

import type { KinesisStreamEvent } from 'aws-lambda';
import type { Table } from '../../adapters/aws/table.ts';
import type { Clock } from '../../domain/system/port.ts';

export type Processor = {
  readonly tables: readonly TableSpec[];
  /** Over the tables that `table` names, which are reached through the meter or past it. */
  build(table: (name: string) => Table, clock: Clock): (event: KinesisStreamEvent) => Promise<void>;
};

export type TableSpec = {
  readonly name: string;
  readonly keys: readonly string[];
  /** Keys of an index that holds all of an item. */
  readonly index?: readonly string[];
};
