// What the bench compares: a processor stores the records of an invocation in its own tables.

import type { KinesisStreamEvent } from 'aws-lambda';
import type { Table } from '../../adapters/aws/table.ts';
import type { Clock } from '../../domain/system/port.ts';

export type Processor = {
  readonly tables: readonly TableSpec[];
  /** `table` returns a table by name, with or without the meter in between. */
  build(table: (name: string) => Table, clock: Clock): Built;
};

export type Built = {
  readonly consume: (event: KinesisStreamEvent) => Promise<void>;
  /** What is left to do when the hour of the load is over. */
  readonly finish?: () => Promise<void>;
};

export type TableSpec = {
  readonly name: string;
  readonly keys: readonly string[];
  /** The keys of an index that projects all attributes. */
  readonly index?: readonly string[];
};
