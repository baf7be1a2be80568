// Incidents, and until when reviews have looked, in a partition of the ledger. Each of the two writers of an incident has
// fields of its own: review those of the alarm, and operators its notes.

import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { incidentSortKeyBounds, incidentsKey, reviewMarkSortKey } from '../../domain/keys.ts';
import { type Incident, type Note, wasOpenIn } from '../../domain/service-levels/incidents.ts';
import type { Incidents, ReviewMark, TimeRange } from '../../domain/service-levels/port.ts';
import { dayMs, epochSeconds } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import { queryRange } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';

/** As long as CloudWatch keeps the hours that a report of that time would be made of. */
const keptMs = 455 * dayMs;

export class DynamoIncidents implements Incidents {
  readonly #table: Table;

  constructor(ledger: Table) {
    this.#table = ledger;
  }

  /** All are read: they are few, and one that began long ago may still be open. */
  async list(range: TimeRange): Promise<readonly Incident[]> {
    const items = await queryRange(this.#table, { pk: incidentsKey, ...incidentSortKeyBounds }, true);
    return items.map(fromItem).filter((incident) => wasOpenIn(incident, range));
  }

  async find(id: string): Promise<Incident | undefined> {
    const { client, name } = this.#table;
    const { Item } = await callTable(`GetItem on ${name}`, () =>
      client.send(
        new GetCommand({ TableName: name, Key: { pk: incidentsKey, sk: id }, ConsistentRead: true }),
      ),
    );
    return Item && fromItem(Item);
  }

  async keep({ id, alarm, severity, fromMs, toMs }: Incident): Promise<void> {
    await this.#update(id, {
      UpdateExpression:
        'SET alarm = :alarm, severity = :severity, #from = :from, #ttl = :ttl' +
        (toMs === undefined ? '' : ', #to = :to'),
      ExpressionAttributeNames: {
        '#from': 'from',
        '#ttl': 'ttl',
        ...(toMs !== undefined && { '#to': 'to' }),
      },
      ExpressionAttributeValues: {
        ':alarm': alarm,
        ':severity': severity,
        ':from': fromMs,
        ':ttl': epochSeconds((toMs ?? fromMs) + keptMs),
        ...(toMs !== undefined && { ':to': toMs }),
      },
    });
  }

  async addNote(id: string, note: Note): Promise<void> {
    await this.#update(id, {
      UpdateExpression: 'SET notes = list_append(if_not_exists(notes, :none), :note)',
      // An incident is made by review alone.
      ConditionExpression: 'attribute_exists(alarm)',
      ExpressionAttributeValues: { ':none': [], ':note': [note] },
    });
  }

  async #update(id: string, how: object): Promise<void> {
    const { client, name } = this.#table;
    await callTable(`UpdateItem on ${name}`, () =>
      client.send(new UpdateCommand({ TableName: name, Key: { pk: incidentsKey, sk: id }, ...how })),
    );
  }
}

const fromItem = ({ sk, alarm, severity, from, to, notes = [] }: Item): Incident => ({
  id: String(sk),
  alarm: String(alarm),
  severity: severity as Incident['severity'],
  fromMs: Number(from),
  ...(to !== undefined && { toMs: Number(to) }),
  notes: notes as readonly Note[],
});

export class DynamoReviewMark implements ReviewMark {
  readonly #table: Table;

  constructor(ledger: Table) {
    this.#table = ledger;
  }

  async find(): Promise<number | undefined> {
    const { client, name } = this.#table;
    const { Item } = await callTable(`GetItem on ${name}`, () =>
      client.send(
        new GetCommand({
          TableName: name,
          Key: { pk: incidentsKey, sk: reviewMarkSortKey },
          ConsistentRead: true,
        }),
      ),
    );
    return Item && Number(Item.reviewedTo);
  }

  async keep(reviewedToMs: number): Promise<void> {
    const { client, name } = this.#table;
    const Item = { pk: incidentsKey, sk: reviewMarkSortKey, reviewedTo: reviewedToMs };
    await callTable(`PutItem on ${name}`, () => client.send(new PutCommand({ TableName: name, Item })));
  }
}
