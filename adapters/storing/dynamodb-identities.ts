// Claims event ids with batches of inserts.

import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Identity, IdentityClaim } from '../../domain/storing/identity.ts';
import { recordOfPointer } from '../../domain/storing/pages.ts';
import type { ClaimResult, Identities } from '../../domain/storing/port.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import { batchGet, type Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import { type Inserted, insertItems } from '../aws/insert-items.ts';
import type { Table } from '../aws/table.ts';

const callsAtOnce = 4;
const maxTries = 6;

type Change = Omit<ConstructorParameters<typeof UpdateCommand>[0], 'TableName' | 'Key'>;

export class DynamoIdentities implements Identities {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async claim(claims: readonly IdentityClaim[]): Promise<ClaimResult[]> {
    const results = new Map<string, ClaimResult>();
    let open = claims;
    for (let attempt = 0; open.length > 0 && attempt < maxTries; attempt += 1) {
      if (attempt > 0) await this.#table.pause(attempt - 1);
      const { claimed, exists } = await this.#insertAll(open);
      for (const claim of claimed) results.set(claim.key, { outcome: 'claimed' });
      const decided = await this.#readHolders(exists);
      for (const [key, result] of decided) results.set(key, result);
      open = open.filter((claim) => !results.has(claim.key));
    }
    return claims.map((claim) => results.get(claim.key) ?? { outcome: 'undecided' });
  }

  /** Claims in neither list were throttled or not answered. They are retried. */
  async #insertAll(claims: readonly IdentityClaim[]) {
    const results = await insertItems(this.#table, claims, toItem);
    const withResult = (wanted: Inserted) => claims.filter((_, index) => results[index] === wanted);
    return { claimed: withResult('inserted'), exists: withResult('exists') };
  }

  /** Ids whose item is gone, or was just taken over by another record, have no result: they are claimed again. */
  async #readHolders(claims: readonly IdentityClaim[]): Promise<Map<string, ClaimResult>> {
    const decided = new Map<string, ClaimResult>();
    if (claims.length === 0) return decided;
    const items = await batchGet(
      this.#table,
      claims.map((claim) => ({ pk: claim.key })),
    );
    const holders = new Map(items.map((item) => [String(item.pk), fromItem(item)]));
    for (const claim of claims) {
      const by = holders.get(claim.key);
      if (!by) continue;
      if (claim.receivedAtMs <= by.untilMs) decided.set(claim.key, { outcome: 'held', by });
      else if (await this.#takeOver(claim, by)) decided.set(claim.key, { outcome: 'claimed' });
    }
    return decided;
  }

  async release(claims: readonly IdentityClaim[], untilMs: number): Promise<void> {
    await mapBounded(claims, callsAtOnce, async (claim) => {
      await this.#update(claim.key, {
        UpdateExpression: 'SET u = :u',
        ConditionExpression: 'p = :page AND u > :u',
        ExpressionAttributeValues: { ':u': untilMs, ':page': claim.page },
      });
    });
  }

  async find(key: string): Promise<Identity | undefined> {
    const { Item } = await callTable(`GetItem on ${this.#table.name}`, () =>
      this.#table.client.send(new GetCommand({ TableName: this.#table.name, Key: { pk: key } })),
    );
    return Item && fromItem(Item);
  }

  /** An identity changes its record only after its `untilMs`, and only from the record that was read (R4). */
  #takeOver(claim: IdentityClaim, from: Identity): Promise<boolean> {
    return this.#update(claim.key, {
      UpdateExpression: 'SET p = :p, d = :d, u = :u, #ttl = :ttl',
      ConditionExpression: 'p = :from AND u = :until',
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: {
        ':p': claim.page,
        ':d': claim.digest,
        ':u': claim.untilMs,
        ':ttl': epochSeconds(claim.expiresAtMs),
        ':from': from.page,
        ':until': from.untilMs,
      },
    });
  }

  /** False if the condition fails. */
  async #update(key: string, change: Change): Promise<boolean> {
    try {
      await callTable(`UpdateItem on ${this.#table.name}`, () =>
        this.#table.client.send(
          new UpdateCommand({ TableName: this.#table.name, Key: { pk: key }, ...change }),
        ),
      );
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  }
}

const toItem = ({ key, page, digest, untilMs, expiresAtMs }: IdentityClaim): Item => ({
  pk: key,
  p: page,
  d: digest,
  u: untilMs,
  ttl: epochSeconds(expiresAtMs),
});

function fromItem(item: Item): Identity {
  const page = String(item.p);
  return {
    record: recordOfPointer(page),
    page,
    digest: item.d as Uint8Array,
    untilMs: Number(item.u),
  };
}
